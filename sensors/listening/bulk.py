"""Elasticsearch's `_bulk`: actions out of a request's body, statuses out of what became of them.

The body is NDJSON: a line with the action and its target, and below it a line with the document (Elasticsearch
reference, "Bulk API"). `create` and `index` both add an event; `update` and `delete` would change what was recorded and
are refused, item by item.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

ADDING = frozenset({"create", "index"})
REFUSED = frozenset({"update", "delete"})
_META_BYTES = 16_384
_OPTIONS = frozenset({
    "_index", "_id", "routing", "pipeline", "require_alias", "require_data_stream", "dynamic_templates",
    "list_executed_pipelines", "_type", "version", "version_type", "if_seq_no", "if_primary_term", "retry_on_conflict",
})  # fmt: skip
UNSUPPORTED = "event-unchangeable"


class MalformedBulk(ValueError):  # noqa: N818 - it says what it is
    """The body is no bulk request; nothing of it was taken."""


@dataclass(frozen=True, slots=True)
class Action:
    """One action: what it is, its index and id, and its document's line; None where the action has none."""

    kind: str
    index: str
    id: str | None
    document: bytes | None

    @property
    def key(self) -> str | None:
        """What identifies the event within its listener; None where the client gave no id."""
        return None if self.id is None else f"{self.index}\n{self.id}"


def read_bulk(body: bytes, index: str | None) -> list[Action]:
    """The actions of a body; `index` is that of the request's path, for actions that name none.

    Raises:
        MalformedBulk: a line is no action, or a document is missing.
    """
    actions: list[Action] = []
    lines = body.split(b"\n")
    if not lines[-1].strip():
        lines.pop()
    known: dict[bytes, tuple[str, str, str | None]] = {}
    at = 0
    while at < len(lines):
        meta = lines[at]
        at += 1
        if not meta.strip():
            continue
        told = known.get(meta)
        if told is None:
            told = known[meta] = _action(meta, index, at)
            if told[2] is not None or len(known) > 1_000:
                # Only what comes again is worth remembering.
                known.pop(meta)
        kind, target, identity = told
        document = None
        if kind != "delete":
            if at >= len(lines):
                raise MalformedBulk(f"The bulk request must be terminated by a newline [\\n]: no document after {at}")
            document = lines[at].removesuffix(b"\r")
            at += 1
        actions.append(Action(kind, target, identity, document))
    return actions


def _action(meta: bytes, index: str | None, number: int) -> tuple[str, str, str | None]:
    try:
        value = orjson.loads(meta) if len(meta) <= _META_BYTES else None
    except orjson.JSONDecodeError:
        value = None
    if not isinstance(value, dict) or len(value) != 1:
        raise MalformedBulk(f"Malformed action/metadata line [{number}], expected an object with one action")
    ((kind, target),) = value.items()
    if kind not in ADDING | REFUSED or not isinstance(target, dict):
        raise MalformedBulk(f"Malformed action/metadata line [{number}], unknown action [{kind[:40]}]")
    strange = target.keys() - _OPTIONS
    if strange:
        raise MalformedBulk(f"Action/metadata line [{number}] contains an unknown parameter [{min(strange)[:40]}]")
    name, identity = target.get("_index", index), target.get("_id")
    if not isinstance(name, str) or not name:
        raise MalformedBulk(f"Action/metadata line [{number}] names no index")
    return kind, name, None if identity is None else str(identity)


def answer(actions: Sequence[Action], reasons: Mapping[int, str], took: int) -> dict[str, Any]:
    """The response: a status for each action; `reasons` says by index why some were refused."""
    return {
        "took": took,
        "errors": bool(reasons),
        "items": [{action.kind: _item(action, reasons.get(number))} for number, action in enumerate(actions)],
    }


def _item(action: Action, reason: str | None) -> dict[str, Any]:
    item: dict[str, Any] = {"_index": action.index} | ({} if action.id is None else {"_id": action.id})
    if reason is None:
        return item | {"_version": 1, "result": "created", "status": 201}
    return item | {"status": 400, "error": {"type": "document_parsing_exception", "reason": reason}}

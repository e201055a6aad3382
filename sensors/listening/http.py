"""The HTTP intake, an ASGI application: NDJSON, and as much of Elasticsearch as those need who only send.

Filebeat, Logstash, Vector, Fluent Bit and the official clients look at a few addresses before they send: the root with
its version and `X-Elastic-Product`, the licence, templates and policies. Templates are theirs to offer and ours to
ignore: they are acknowledged and not kept. Whatever is sent is answered only after the spool has persisted it.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, TypeAlias
from urllib.parse import unquote

import orjson
import structlog

from sensors.event.model import ECS_VERSION
from sensors.listening.bodies import BodyRefused, Message, Receive, pass_over, read_body
from sensors.listening.bulk import REFUSED, UNSUPPORTED, Action, MalformedBulk, answer, read_bulk
from sensors.listening.inbox import Inbox
from sensors.listening.model import TOO_LONG, Answer, Arrivals, Refused, lines_of, refused
from sensors.listening.tokens import Tokens
from sensors.reading.lines import MAX_LINE_BYTES
from sensors.settings import ListenerSettings

Send: TypeAlias = Callable[[Message], Awaitable[None]]
Scope: TypeAlias = MutableMapping[str, Any]

VERSION = ECS_VERSION
"""The version of Elasticsearch that we say we are: that of the schema whose events we keep."""
RETRY_SECONDS = 1
IN_FLIGHT_BYTES = 256 << 20
"""What all requests of a listener may hold in memory."""
TOLD_LINES = 100
"""How many refused lines an answer names; all of them are in the quarantine."""
EMPTY = "json-empty"
_log = structlog.get_logger(__name__)

_INFO = {
    "name": "hanwatch",
    "cluster_name": "hanwatch",
    "cluster_uuid": "hanwatch-listener",
    "version": {
        "number": VERSION,
        "build_flavor": "default",
        "build_type": "docker",
        "build_snapshot": False,
        "lucene_version": "10.3.0",
        "minimum_wire_compatibility_version": "8.19.0",
        "minimum_index_compatibility_version": "8.0.0",
    },
    "tagline": "You Know, for Search",
}
_LICENSE = {"license": {"status": "active", "type": "basic", "mode": "basic", "uid": "hanwatch-listener"}}
# What senders ask before they send, and what they are told; by the first part of the path.
_PROBES: Mapping[str, Any] = {
    "": _INFO,
    "_license": _LICENSE,
    "_xpack": {"license": _LICENSE["license"], "features": {"ilm": {"available": False, "enabled": False}}},
    "_cluster": {"cluster_name": "hanwatch", "status": "green", "timed_out": False, "number_of_nodes": 1},
    "_nodes": {"nodes": {}},
    "_cat": [],
}
_SETUP = frozenset({"_template", "_index_template", "_component_template", "_ilm", "_data_stream", "_ingest", "_alias"})


class HttpIntake:
    """Takes requests of one listener into its inbox."""

    def __init__(self, settings: ListenerSettings, tokens: Tokens, inbox: Inbox) -> None:
        self._settings = settings
        self._tokens = tokens
        self._inbox = inbox
        self._held = 0
        self._set_up_told = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request (ASGI 3.0)."""
        if scope["type"] != "http":
            return
        headers = dict(scope["headers"])
        unread = False
        if not self._tokens.admits(headers.get(b"authorization")):
            status, said = 401, _error(401, "security_exception", "a valid token is needed")
            unread = True
        else:
            try:
                status, said = await self._answer(scope, headers, receive)
            except BodyRefused as refusal:
                status, said = refusal.status, _error(refusal.status, _TYPES[refusal.status], refusal.reason)
                unread = refusal.unread
            except MalformedBulk as malformed:
                status, said = 400, _error(400, "illegal_argument_exception", str(malformed))
        # Who waits to be asked for the body (RFC 9110 section 10.1.1) has sent none of it.
        if unread and b"expect" not in headers:
            await pass_over(receive)
        await _respond(send, scope["method"], status, said)

    async def _answer(self, scope: Scope, headers: dict[bytes, bytes], receive: Receive) -> tuple[int, Any]:
        method = scope["method"]
        parts = [unquote(part) for part in scope["path"].strip("/").split("/")]
        if method in {"POST", "PUT"}:
            if parts[-1] == "_bulk" and len(parts) <= 2:
                return await self._bulk(scope, headers, receive, parts[0] if len(parts) == 2 else None)
            if parts == ["ndjson"]:
                return await self._ndjson(scope, headers, receive)
            if len(parts) in {2, 3} and parts[1] in {"_doc", "_create"}:
                return await self._document(scope, headers, receive, parts)
        if parts[0] in _SETUP:
            return self._set_up(method, parts)
        if method in {"GET", "HEAD"} and parts[0] in _PROBES:
            return 200, _PROBES[parts[0]]
        return 404, _error(404, "resource_not_found_exception", "only sending is possible here")

    def _set_up(self, method: str, parts: list[str]) -> tuple[int, Any]:
        """Templates, policies and pipelines: always there already, always acknowledged, never kept."""
        if method in {"PUT", "POST"} and not self._set_up_told:
            self._set_up_told = True
            name = self._settings.identity
            _log.warning("a sender's templates and policies are not kept", listener=name, of=parts[0])
        return 200, {"acknowledged": True} if method in {"PUT", "POST"} else {}

    async def _bulk(
        self, scope: Scope, headers: dict[bytes, bytes], receive: Receive, index: str | None
    ) -> tuple[int, Any]:
        begun = time.monotonic()
        body = await self._body(headers, receive)
        try:
            actions = read_bulk(body, index)
            outcome = await self._taken(scope, headers, actions)
        finally:
            self._held -= len(body)
        if isinstance(outcome, int):
            return outcome, _busy(outcome)
        return 200, answer(actions, outcome, int((time.monotonic() - begun) * 1_000))

    async def _document(
        self, scope: Scope, headers: dict[bytes, bytes], receive: Receive, parts: list[str]
    ) -> tuple[int, Any]:
        body = await self._body(headers, receive)
        action = Action("create", parts[0], parts[2] if len(parts) == 3 else None, b" ".join(body.split(b"\n")))
        try:
            outcome = await self._taken(scope, headers, [action])
        finally:
            self._held -= len(body)
        if isinstance(outcome, int):
            return outcome, _busy(outcome)
        item = answer([action], outcome, 0)["items"][0]["create"]
        return item["status"], item

    async def _ndjson(self, scope: Scope, headers: dict[bytes, bytes], receive: Receive) -> tuple[int, Any]:
        """Lines of any format; the answer says how many were taken, and which were not and why."""
        body = await self._body(headers, receive)
        try:
            lines = [line for line in lines_of(body.split(b"\n")) if line.strip()]
            texts = [line for line in lines if len(line) <= MAX_LINE_BYTES]
            long = [refused(TOO_LONG, line) for line in lines if len(line) > MAX_LINE_BYTES]
            outcome = await self._handed_over(scope, headers, texts, None, long)
        finally:
            self._held -= len(body)
        if isinstance(outcome, int):
            return outcome, _busy(outcome)
        told = [
            {"line": texts[number][:80].decode(errors="replace"), "reason": why}
            for number, why in sorted(outcome.items())
        ]
        told += [{"line": each.raw[:80].decode(errors="replace"), "reason": each.reason} for each in long]
        return 200, {"accepted": len(lines) - len(told), "refused": told[:TOLD_LINES], "quarantined": len(told)}

    async def _body(self, headers: dict[bytes, bytes], receive: Receive) -> bytes:
        """The body, as long as there is room for what it brings; whoever calls gives its bytes back."""
        if self._inbox.full or self._inbox.closed or self._held > IN_FLIGHT_BYTES:
            raise BodyRefused(429, "too much is waiting for the disk: send again later", unread=True)
        body = await read_body(receive, headers, self._settings.longest, self._settings.stall_seconds)
        self._held += len(body)
        return body

    async def _taken(
        self, scope: Scope, headers: dict[bytes, bytes], actions: list[Action]
    ) -> Mapping[int, str] | int:
        """Hand over the documents; gives reasons by the action's number, or the status of a request that failed."""
        reasons: dict[int, str] = {}
        long: list[Refused] = []
        for number, action in enumerate(actions):
            document = action.document
            if action.kind in REFUSED:
                reasons[number] = UNSUPPORTED
            elif not document or not document.strip():
                reasons[number] = EMPTY
            elif len(document) > MAX_LINE_BYTES:
                reasons[number] = TOO_LONG
                long.append(refused(TOO_LONG, document))
        chosen = [number for number in range(len(actions)) if number not in reasons]
        texts = [actions[number].document or b"" for number in chosen]
        keys = [actions[number].key for number in chosen]
        found = await self._handed_over(scope, headers, texts, keys, long)
        if isinstance(found, int):
            return found
        return reasons | {chosen[index]: reason for index, reason in found.items()}

    async def _handed_over(
        self,
        scope: Scope,
        headers: dict[bytes, bytes],
        texts: list[bytes],
        keys: list[str | None] | None,
        long: list[Refused],
    ) -> Mapping[int, str] | int:
        """Reasons by index, or a status; `keys` are those of documents, None says that the texts are lines."""
        if not texts and not long:
            return {}
        loop = asyncio.get_running_loop()
        waiting: asyncio.Future[Answer] = loop.create_future()

        def persisted(told: Answer) -> None:
            loop.call_soon_threadsafe(_tell, waiting, told)

        client = scope.get("client")
        stream = f"{scope['path']} {headers.get(b'user-agent', b'').decode('latin-1')[:200]}"
        self._inbox.put(
            Arrivals(
                client[0] if client else "",
                texts,
                sum(map(len, texts)) + sum(len(each.raw) for each in long),
                refused=long,
                persisted=persisted,
                stream=stream,
                keys=keys if keys and any(keys) else [],
                documents=keys is not None,
            )
        )
        if self._inbox.closed:
            # It may have been closed before this came: then nobody takes it any more.
            return 503
        told = await waiting
        return told.refused if told.error is None else 429


def _tell(waiting: asyncio.Future[Answer], told: Answer) -> None:
    if not waiting.done():
        waiting.set_result(told)


_TYPES = {
    400: "parse_exception", 408: "timeout_exception", 413: "content_too_long_exception",
    415: "media_type_header_exception", 429: "es_rejected_execution_exception",
}  # fmt: skip


def _error(status: int, kind: str, reason: str) -> dict[str, Any]:
    cause = {"type": kind, "reason": reason}
    return {"error": {**cause, "root_cause": [cause]}, "status": status}


def _busy(status: int) -> dict[str, Any]:
    return _error(status, "es_rejected_execution_exception", "nothing was taken: send again later")


async def _respond(send: Send, method: str, status: int, said: Any) -> None:
    body = orjson.dumps(said)
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"x-elastic-product", b"Elasticsearch"),
    ]
    if status == 401:
        headers += [(b"www-authenticate", b'Basic realm="hanwatch", ApiKey, Bearer')]
    if status in {429, 503}:
        headers += [(b"retry-after", str(RETRY_SECONDS).encode())]
    if status in {401, 408, 413, 429}:
        # The body was not read to its end: what follows would be taken for the next request.
        headers += [(b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else body})

"""Windows events from their rendered JSON: System under ECS and winlog names, data below winlog.event_data, ECS beside.

EventData stays as Windows named it, since Sigma rules match there; its values are text, numbers by their digits, as
rules compare them. `windows_fields.yml` says which ECS fields are copied from it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from types import NoneType
from typing import Any

import orjson

from sensors.event.fields import FieldType, field_type
from sensors.parsers.assembly import Assembly
from sensors.parsers.caches import Bounded
from sensors.parsers.instants import iso_moments
from sensors.parsers.jsonlines import taken_together
from sensors.parsers.layouts import Gathering, Layout, pick
from sensors.parsers.values import UNFIT, convert, text_of
from sensors.parsers.windows_copies import copied, copies_for, kind_for

DATA = "winlog.event_data."
_TEXTS_OR_NULL = {str, NoneType}

_SYSTEM: Mapping[str, str] = {
    "Provider.#attributes.Name": "event.provider",
    "Provider.#attributes.Guid": "winlog.provider_guid",
    "EventID": "event.code",
    "EventID.#text": "event.code",
    "EventID.#attributes.Qualifiers": "winlog.qualifiers",
    "Version": "winlog.version",
    "Level": "winlog.level",
    "Task": "winlog.task",
    "Opcode": "winlog.opcode",
    "Keywords": "winlog.keywords",
    "EventRecordID": "winlog.record_id",
    "Correlation.#attributes.ActivityID": "winlog.activity_id",
    "Correlation.#attributes.RelatedActivityID": "winlog.related_activity_id",
    "Execution.#attributes.ProcessID": "winlog.process.pid",
    "Execution.#attributes.ThreadID": "winlog.process.thread.id",
    "Channel": "winlog.channel",
    "Computer": "winlog.computer_name",
    "Security.#attributes.UserID": "winlog.user.identifier",
}
"""The System element (Windows SDK, "Event Schema", SystemPropertiesType); other parts go below `winlog.system.`."""

_EVENT = "Event."
_KEYS = ("System.Channel", "System.EventID", "System.EventID.#text", "System.Provider.#attributes.Name")
"""What says of which kind an event is, the code in one of two places."""
_TIME = "TimeCreated.#attributes.SystemTime"
_CONSTANT = ("event.provider", "event.code", "winlog.channel")
_OF_ITS_KIND = (
    "winlog.provider_guid", "winlog.version", "winlog.level", "winlog.task", "winlog.opcode", "winlog.keywords",
)  # fmt: skip
"""What nearly always follows from the kind of event: said once for a batch, it is a third of what a short one says."""
_HOLLOW = frozenset({"System.Correlation", "System.Security", "System.Execution", "EventData", "UserData"})
"""Elements that are written even when they have nothing in them."""

_CHANNELS = {
    "microsoft-windows-sysmon/operational": "windows.sysmon",
    "security": "windows.security",
    "system": "windows.system",
    "application": "windows.application",
    "microsoft-windows-powershell/operational": "windows.powershell",
    "windows powershell": "windows.powershell",
}
MAX_SLUG = 60


@dataclass(frozen=True, slots=True)
class _Step:
    """Where a column goes: its name, its type if it is not text, and whether it is a list by nature."""

    name: str
    kind: FieldType
    listed: bool


def _dataset(channel: str) -> str:
    known = _CHANNELS.get(channel.lower())
    if known:
        return known
    slug = re.sub(r"[^a-z0-9]+", "_", channel.lower().removeprefix("microsoft-windows-")).strip("_")
    return f"windows.{slug[:MAX_SLUG].strip('_') or 'other'}"


class Windows:
    """Makes batches of rendered events."""

    def __init__(self) -> None:
        self._plans: Bounded[tuple[str, ...], tuple[_Step | None, ...]] = Bounded(_plan, entries=4_096)
        self._datasets: Bounded[str, str] = Bounded(_dataset, entries=4_096)

    def parse(self, texts: Mapping[int, str], assembly: Assembly) -> Iterator[tuple[int, str]]:
        """Add the events of these JSON texts, by index, to the assembly; yields the indices of those that are none."""
        taken, left = _taken_together(texts)
        events = Gathering()
        for index in left:
            try:
                event = orjson.loads(texts[index])["Event"]
                said = event["System"].__class__ is dict
            except (orjson.JSONDecodeError, KeyError, TypeError):
                said = False
            if said:
                events.add(index, None, event)
            else:
                yield index, "evtx-record-odd"
        for layout in chain(taken, events.layouts()):
            if layout.fault:
                yield from ((index, layout.fault) for index in layout.rows)
            else:
                for part in layout.by(_KEYS, _key):
                    self._add(part, assembly)

    def _add(self, layout: Layout, assembly: Assembly) -> None:
        channel, code, provider = layout.key
        said: Sequence[Any] | None = None
        columns: dict[str, Sequence[Any]] = {}
        for name, step, column in zip(layout.names, self._plans[layout.names], layout.columns, strict=True):
            if step is None:
                if name == f"System.{_TIME}":
                    said = column
                continue
            if name in _HOLLOW and set(column) == {None}:
                continue
            columns[step.name] = _typed(column, step)
        constants: dict[str, Any] = {"event.module": "windows", "event.kind": "event"}
        for name, value in zip(_CONSTANT, (provider, code, channel), strict=True):
            if value:
                constants[name] = value
                columns.pop(name, None)
        for name in _OF_ITS_KIND:
            alike = columns.get(name, ())
            if alike and alike[0] is not None and alike.count(alike[0]) == len(alike):
                constants[name] = alike[0]
                del columns[name]
        dataset = self._datasets[channel]
        kind = kind_for(dataset, code)
        if kind is not None:
            constants["event.category"], constants["event.type"] = kind.category, kind.type
        assembly.add(
            dataset,
            constants=constants,
            rows=layout.rows,
            moments=[None] * len(layout.rows) if said is None else iso_moments(said),
            optional=[(name,) for name in copied(copies_for(dataset, code), columns)],
            columns=columns,
            spoken_time=None if said is None else ("winlog.system.time_created", said),
        )


def _taken_together(texts: Mapping[int, str]) -> tuple[list[Layout], Sequence[int]]:
    """The layouts that compiled code finds, and the indices of the texts that it leaves."""
    layouts, left = taken_together(list(texts.values()), _is_event)
    indices = list(texts)
    taken = []
    for layout in layouts:
        rows = pick(indices, layout.rows)
        within = [index for index, name in enumerate(layout.names) if name.startswith(_EVENT)]
        names = tuple(layout.names[index].removeprefix(_EVENT) for index in within)
        taken.append(Layout(None, rows, names, pick(layout.columns, within)))
    return taken, pick(indices, left)


def _is_event(entry: dict[str, Any]) -> bool:
    """Whether objects with these keys are events; a key with a point in it would pass for what it is not."""
    event = entry.get("Event")
    system = event.get("System") if isinstance(event, dict) else None
    if not isinstance(event, dict) or not isinstance(system, dict):
        return False
    return not any("." in name for part in (entry, event, system) for name in part)


def _key(channel: Any, code: Any, text: Any, provider: Any) -> tuple[str, str, str]:
    """Channel, event code and provider, each "" where it is missing or no scalar."""
    code = text if code is None else code
    return (
        channel if channel.__class__ is str else "",
        code if code.__class__ is str else str(code) if code.__class__ is int else "",
        provider if provider.__class__ is str else "",
    )


def _plan(names: tuple[str, ...]) -> tuple[_Step | None, ...]:
    taken: set[str] = set()
    steps: list[_Step | None] = []
    for name in names:
        to = _name(name)
        if to in taken:
            # Two parts of the event ask for one name: the second keeps its whole path.
            to = f"winlog.{name}"
        if to is None:
            steps.append(None)
            continue
        taken.add(to)
        steps.append(_Step(to, field_type(to), listed=to == f"{DATA}Data"))
    return tuple(steps)


def _name(path: str) -> str | None:
    """What a leaf of the Event element is called; None for what is not kept."""
    section, _, rest = path.partition(".")
    if section == "System":
        if rest == _TIME:
            return None
        return _SYSTEM.get(rest) or f"winlog.system.{rest}"
    if section == "#attributes":
        return None if rest == "xmlns" else f"winlog.{path}"
    if section == "EventData":
        leaf = rest.removesuffix(".#text") or "#text"
    elif section == "UserData":
        # The one element in UserData is named by the provider and wraps the fields.
        wrapper, _, leaf = rest.partition(".")
        leaf = leaf.removesuffix(".#text") or wrapper or "#text"
    else:
        return f"winlog.{path}"
    return DATA + leaf


def _typed(column: Sequence[Any], step: _Step) -> Sequence[Any]:
    """Event data as text; the few System fields that are numbers as numbers, where they are."""
    types = set(map(type, column))
    if step.kind not in ("keyword", "text"):
        values, fit = convert(column, step.kind)
        return values if fit else [None if value is UNFIT else value for value in values]
    if step.listed:
        return [
            None if value is None else list(map(_text, value)) if value.__class__ is list else [_text(value)]
            for value in column
        ]
    if types <= _TEXTS_OR_NULL:
        return column
    if types == {int}:
        return list(map(str, column))
    return [_text(value) if value.__class__ is not list else list(map(_text, value)) for value in column]


def _text(value: Any) -> Any:
    return value if value is None or value.__class__ in (dict, list) else text_of(value)

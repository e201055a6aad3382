"""A mix of Windows events for measuring: recorded events, drawn again and again with other names and numbers in them.

Recorded attacks are too few, and their kinds too unlike a host's, to measure with. So events are drawn from them by a
seeded generator in stated shares. Hosts repeat themselves: most events do what was done before (the same program,
library, key or command) at another time, on another host, by another process. A stated share does something new; the
others repeat an earlier event of the kind, chosen evenly, so that what is common stays common (Simon's process).
"""

import random  # noqa: TID251 - only for the type: the generator is made from a seed that is passed in
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
import orjson
from evtx import PyEvtxParser

from correlation.rules.logsources import routes
from correlation.rules.model import LogSource
from sensors.event.model import BATCH_ROWS, Batch, Source

_SYSMON: Final = "microsoft-windows-sysmon/operational"
_POWERSHELL: Final = "microsoft-windows-powershell/operational"
SHARES: Final[Mapping[tuple[str, str], float]] = {
    (_SYSMON, "1"): 0.020, ("security", "4688"): 0.007,  # process creations, the costliest kind: 2.7 % in all
    (_SYSMON, "3"): 0.02, (_SYSMON, "7"): 0.12, (_SYSMON, "10"): 0.16, (_SYSMON, "11"): 0.04,
    (_SYSMON, "12"): 0.16, (_SYSMON, "13"): 0.10, (_SYSMON, "17"): 0.01, (_SYSMON, "22"): 0.01,
    (_POWERSHELL, "4103"): 0.015, (_POWERSHELL, "4104"): 0.01,
}
"""Shares of kinds (channel and event id) as a host with Sysmon writes them; the rest is drawn from all other kinds."""
NOVEL: Final = 0.2
"""The share of events that do something new. Something new often matches what something else did: with this share 4.2 %
of the mix are the first of their combination of matched patterns; among 133,348 events of real hosts 4.6 % were."""
NOVEL_CREATIONS: Final = 0.3
"""The same for process creations: command lines vary more than programs, libraries and keys do."""
HOSTS: Final = 200
ACCOUNTS: Final = 500
CREATIONS: Final = ((_SYSMON, "1"), ("security", "4688"))
SYSTEM_FIELDS: Final = (
    "Channel", "EventID", "Provider_Name", "Provider_Guid", "Computer", "Level", "Task", "Opcode", "Keywords",
    "Version", "TimeCreated", "EventRecordID", "Execution_ProcessID", "Execution_ThreadID", "ActivityID", "UserID",
)
"""Names of an event's System part; all others are its data."""
_CONSTANT: Final = (
    "Channel", "EventID", "Provider_Name", "Provider_Guid", "Level", "Task", "Opcode", "Keywords", "Version",
)
"""What follows from an event's kind, and what its reader says once for a batch (sensors.parsers.windows)."""
_PROGRAMS: Final = ("Image", "SourceImage", "TargetImage", "ParentImage", "NewProcessName", "ProcessName")
_POOL_OF: Final[Mapping[str, str]] = {
    **dict.fromkeys(_PROGRAMS, "programs"),
    **{name: name for name in ("TargetObject", "TargetFilename", "ImageLoaded")},
}
_GUID: Final = r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
_NUMBERS: Final = re.compile(rf"{_GUID}|0x[0-9A-Fa-f]+|\d+")
"""What changes in a field that tells one event, process, logon or connection from another."""
_ARGUMENTS: Final = re.compile(
    rf"{_GUID}|(?<=UNKNOWN\()[0-9A-F]+|(?<![\w.+])(?:0x[0-9A-Fa-f]{{3,}}|\d{{3,}})(?![\w.])"
)
"""What changes in a command or a call trace: numbers that stand alone, not those of a name, a version or an offset."""
_PROFILE: Final = re.compile(r"(?i)(?<=\\users\\)(?!public\b|default\b|all users)[^\\\"' ]+")
_LAST_OCTET: Final = re.compile(r"(?<=\.)\d{1,3}$")
_IDENTITY: Final = re.compile(
    r"(?:Guid|GUID|LogonI[dD]|ProcessI[dD]|ThreadI[dD]|RecordID|Time|TimeCreated|Port|HandleId|ActivityID)$"
)
_ADDRESS: Final = re.compile(r"(?:Ip|IpAddress|SourceAddress|DestAddress)$")
_HOST: Final = re.compile(r"Computer$|Workstation(?:Name)?$|Hostname$")
_ACCOUNT: Final = re.compile(r"User(?:Name)?$|AccountName$")
_NO_PERSONS: Final = ("system", "service", "-", "$", "anonymous logon", "administrators")
"""Accounts that are the same on every host end like this."""

Document = dict[str, Any]
_Change: TypeAlias = Callable[[str], str]


def recorded(folder: Path) -> list[Document]:
    """Every event of the EVTX files below a folder, flat, under the names that Windows rules use.

    Records that cannot be read are left out: the folder may hold samples of damage.
    """
    events = []
    for path in sorted(path for path in folder.rglob("*") if path.suffix.lower() == ".evtx"):
        parser: Any = PyEvtxParser(str(path))
        records = parser.records_json()
        while True:
            try:
                events.append(_flat(orjson.loads(next(records)["data"])["Event"]))
            except StopIteration:
                break
            except RuntimeError:
                continue
    return events


def mixed(events: Sequence[Document], count: int, seed: int) -> Iterator[Document]:
    """`count` events drawn from these and varied, the same ones for the same seed.

    Raises:
        ValueError: there is nothing to draw from.
    """
    if not events:
        raise ValueError("no events to draw from")
    return _Mixer(events, random.Random(seed)).draw(count)  # noqa: S311 - a reproducible mix, no secret


def kind_of(event: Document) -> tuple[str, str]:
    """The channel in lower case and the event id."""
    return str(event.get("Channel")).lower(), str(event.get("EventID"))


class _Mixer:
    def __init__(self, events: Sequence[Document], chance: random.Random) -> None:
        self._chance = chance
        kinds: defaultdict[tuple[str, str] | None, list[Document]] = defaultdict(list)
        for event in events:
            kind = kind_of(event)
            kinds[kind if kind in SHARES else None].append(event)
        rest = 1 - sum(SHARES[kind] for kind in kinds if kind is not None)
        self._kinds = list(kinds.values())
        self._weights = list(accumulate(rest if kind is None else SHARES[kind] for kind in kinds))
        self._done: list[list[Document]] = [[] for _ in kinds]
        self._pools = _pools(events)
        self._hosts = [f"WH-{chance.randrange(10**5):05d}" for _ in range(HOSTS)]
        self._accounts = [f"user{chance.randrange(10**4):04d}" for _ in range(ACCOUNTS)]
        self._changes: dict[str, _Change | None] = {}

    def draw(self, count: int) -> Iterator[Document]:
        positions = range(len(self._kinds))
        for _ in range(count):
            position = self._chance.choices(positions, cum_weights=self._weights)[0]
            done = self._done[position]
            if done and self._chance.random() >= (NOVEL_CREATIONS if kind_of(done[0]) in CREATIONS else NOVEL):
                made = self._chance.choice(done)
            else:
                made = self._new(self._chance.choice(self._kinds[position]))
            done.append(made)
            yield self._again(made)

    def _new(self, event: Document) -> Document:
        """Something that was not done before: by another account, and but for process creations with other objects."""
        made = dict(event)
        account = self._chance.choice(self._accounts)
        creation = kind_of(event) in CREATIONS
        for name, value in event.items():
            if value.__class__ is not str or name in _CONSTANT:
                continue
            pool = None if creation or "\\" not in value else _POOL_OF.get(name)
            text = value if pool is None else self._chance.choice(self._pools[pool])
            if _ACCOUNT.search(name) and not text.lower().endswith(_NO_PERSONS):
                domain, separator, _ = text.rpartition("\\")
                text = domain + separator + account
            made[name] = _PROFILE.sub(account, text)
        return made

    def _again(self, event: Document) -> Document:
        """The same thing done at another time: whatever tells events, processes, logons and hosts apart is redrawn."""
        made = dict(event)
        for name, value in event.items():
            if value.__class__ is str:
                change = self._change(name)
                if change is not None:
                    made[name] = change(value)
            elif value.__class__ is int and _IDENTITY.search(name):
                made[name] = int(self._number_like(str(value)))
        return made

    def _change(self, name: str) -> _Change | None:
        if name not in self._changes:
            self._changes[name] = self._change_of(name)
        return self._changes[name]

    def _change_of(self, name: str) -> _Change | None:
        if name in _CONSTANT or name in _POOL_OF:
            return None
        if _HOST.search(name):
            return lambda _: self._chance.choice(self._hosts)
        if _ADDRESS.search(name):
            return lambda text: text if text.startswith("127.") else _LAST_OCTET.sub(self._octet, text)
        pattern = _NUMBERS if _IDENTITY.search(name) else _ARGUMENTS if _holds_arguments(name) else None
        return None if pattern is None else lambda text: pattern.sub(lambda found: self._number_like(found[0]), text)

    def _octet(self, _: re.Match[str]) -> str:
        return str(self._chance.randrange(1, 255))

    def _number_like(self, text: str) -> str:
        """A number of the same form: decimal, hexadecimal, or a GUID."""
        length = len(text)
        if length == 36:
            digits = f"{self._chance.getrandbits(128):032X}"
            return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
        if text.startswith("0x"):
            return f"0x{self._chance.getrandbits(4 * (length - 2)):0{length - 2}x}" if length > 2 else text
        return f"{self._chance.randrange(10**length):0{length}d}" if length > 1 else text


def _holds_arguments(name: str) -> bool:
    return name.endswith(("CommandLine", "ScriptBlockText", "Payload", "Details", "CallTrace"))


def _pools(events: Sequence[Document]) -> dict[str, list[str]]:
    """All values that were recorded for a kind of field; libraries also from the call traces of process accesses."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for event in events:
        for name, pool in _POOL_OF.items():
            value = event.get(name)
            if value.__class__ is str and "\\" in value:
                found[pool].add(value)
        for step in str(event.get("CallTrace", "")).split("|"):
            path, plus, _ = step.rpartition("+")
            if plus and path.lower().endswith(".dll"):
                found["ImageLoaded"].add(path)
    return {name: sorted(values) for name, values in found.items()}


def batches(documents: Iterable[Document], received: int, rows: int = BATCH_ROWS) -> Iterator[Batch]:
    """Documents as a reader of event logs would batch them: by kind and layout, `rows` at most, of 10,000 at a time."""
    names = routes(LogSource("windows"))[0].names
    portion: list[Document] = []
    for document in documents:
        portion.append(document)
        if len(portion) == 10 * BATCH_ROWS:
            yield from _portion(portion, names, received, rows)
            portion = []
    yield from _portion(portion, names, received, rows)


def _portion(documents: Sequence[Document], names: Any, received: int, rows: int) -> Iterator[Batch]:
    groups: defaultdict[tuple[Any, ...], list[Document]] = defaultdict(list)
    for document in documents:
        groups[(*(str(document.get(name)) for name in _CONSTANT), *document)].append(document)
    for group in groups.values():
        for start in range(0, len(group), rows):
            yield _batch(group[start : start + rows], names, received)


def _batch(rows: Sequence[Document], names: Any, received: int) -> Batch:
    first = rows[0]
    return Batch(
        dataset="windows.mixed",
        source=Source("00" * 16, "made", "mix"),
        received=received,
        times=np.full(len(rows), received, dtype=np.int64),
        ids=["0" * 32] * len(rows),
        ordinals=np.arange(1, len(rows) + 1, dtype=np.int64),
        constants={names(name): str(first[name]) for name in _CONSTANT if name in first},
        columns={
            column: [row[name] for row in rows]
            for column, name in {names(name): name for name in first if name not in _CONSTANT}.items()
        },
    )


def _flat(event: Mapping[str, Any]) -> Document:
    system = event["System"]
    flat = {name: system[name] for name in SYSTEM_FIELDS if name in system and system[name] is not None}
    flat["EventID"] = _text(system["EventID"])
    for part, attribute, name in _ATTRIBUTES:
        value = ((system.get(part) or {}).get("#attributes") or {}).get(attribute)
        if value is not None:
            flat[name] = value
    flat.setdefault("Provider_Name", "")
    user = [part for part in (event.get("UserData") or {}).values() if isinstance(part, dict)]
    for data in (*user, event.get("EventData") or {}):
        for name, value in data.items():
            if name != "#attributes":
                flat.setdefault(name, _text(value))
    return flat


_ATTRIBUTES: Final = (
    ("Provider", "Name", "Provider_Name"), ("Provider", "Guid", "Provider_Guid"),
    ("TimeCreated", "SystemTime", "TimeCreated"), ("Execution", "ProcessID", "Execution_ProcessID"),
    ("Execution", "ThreadID", "Execution_ThreadID"), ("Correlation", "ActivityID", "ActivityID"),
    ("Security", "UserID", "UserID"),
)  # element, attribute, and what we call it


def _text(value: Any) -> Any:
    return value["#text"] if isinstance(value, dict) and "#text" in value else value

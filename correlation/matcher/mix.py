"""A mix of Windows events for measuring: recorded events, drawn again and again with other names and numbers in them.

Recorded attacks are too few, and their kinds too unlike a host's, to measure with. So events are drawn from them by
a seeded generator in stated shares, and varied: hosts and accounts come from pools of the size of a town's
administration, programs, libraries, files and registry keys (but those of process creations) from all that were
recorded anywhere, a few of them often and most seldom, and in half of the other values every run of two or more
digits is redrawn.
"""

import random  # noqa: TID251 - only for the type: the generator is made from a seed that is passed in
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from itertools import accumulate
from pathlib import Path
from typing import Any, Final

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
HOSTS: Final = 200
ACCOUNTS: Final = 500
_CREATIONS: Final = ((_SYSMON, "1"), ("security", "4688"))
_DIGITS: Final = re.compile(r"\d{2,}")
_HOST_FIELDS: Final = frozenset({"Computer", "WorkstationName", "Workstation", "SourceHostname", "DestinationHostname"})
_ACCOUNT_FIELDS: Final = frozenset({"User", "SubjectUserName", "TargetUserName", "AccountName", "SourceUser"})
_SKEW: Final = 4
"""With this power the commonest tenth of the programs does more than half of everything."""
_CONSTANT: Final = ("Channel", "EventID", "Provider_Name")
_PROGRAMS: Final = ("Image", "SourceImage", "TargetImage", "ParentImage", "NewProcessName", "ProcessName")
_POOLED: Final = ("TargetObject", "TargetFilename", "ImageLoaded", "QueryName", "DestinationIp")

Document = dict[str, Any]


def recorded(folder: Path) -> list[Document]:
    """Every event of the EVTX files below a folder, flat, under the names that Windows rules use."""
    events = []
    for path in sorted(path for path in folder.rglob("*") if path.suffix.lower() == ".evtx"):
        parser: Any = PyEvtxParser(str(path))
        events += [_flat(orjson.loads(record["data"])["Event"]) for record in parser.records_json()]
    return events


def mixed(events: Sequence[Document], count: int, seed: int) -> Iterator[Document]:
    """`count` events drawn from these and varied, the same ones for the same seed.

    Raises:
        ValueError: there is nothing to draw from.
    """
    if not events:
        raise ValueError("no events to draw from")
    return _Mixer(events, random.Random(seed)).draw(count)  # noqa: S311 - a reproducible mix, no secret


class _Mixer:
    def __init__(self, events: Sequence[Document], chance: random.Random) -> None:
        self._chance = chance
        kinds: defaultdict[tuple[str, str] | None, list[Document]] = defaultdict(list)
        for event in events:
            kind = (str(event.get("Channel")).lower(), str(event.get("EventID")))
            kinds[kind if kind in SHARES else None].append(event)
        rest = 1 - sum(SHARES[kind] for kind in kinds if kind is not None)
        self._kinds = list(kinds.values())
        self._weights = list(accumulate(rest if kind is None else SHARES[kind] for kind in kinds))
        self._pools = _pools(events)
        self._pools["hosts"] = [f"WH-{chance.randrange(10**5):05d}" for _ in range(HOSTS)]
        self._pools["accounts"] = [f"user{chance.randrange(10**4):04d}" for _ in range(ACCOUNTS)]

    def draw(self, count: int) -> Iterator[Document]:
        for _ in range(count):
            kind = self._chance.choices(self._kinds, cum_weights=self._weights)[0]
            yield self._varied(self._chance.choice(kind))

    def _varied(self, event: Document) -> Document:
        chance = self._chance
        creation = (str(event.get("Channel")).lower(), str(event.get("EventID"))) in _CREATIONS
        made = dict(event)
        for name, value in event.items():
            pool = _POOL_OF.get(name)
            if pool in ("hosts", "accounts"):
                made[name] = chance.choice(self._pools[pool])
            elif pool and not creation:
                values = self._pools[pool]
                made[name] = values[int(len(values) * chance.random() ** _SKEW)]
            elif value.__class__ is str and name not in _CONSTANT and chance.random() < 0.5:
                made[name] = _DIGITS.sub(self._digits, value)
        return made

    def _digits(self, found: re.Match[str]) -> str:
        length = found.end() - found.start()
        return f"{self._chance.randrange(10 ** min(length, 18)):0{length}d}"


_POOL_OF: Final[Mapping[str, str]] = {
    **dict.fromkeys(_HOST_FIELDS, "hosts"), **dict.fromkeys(_ACCOUNT_FIELDS, "accounts"),
    **dict.fromkeys(_PROGRAMS, "programs"), **{name: name for name in _POOLED},
}


def _pools(events: Sequence[Document]) -> dict[str, list[str]]:
    """All values that were recorded for a kind of field; libraries also from the call traces of process accesses."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for event in events:
        for name in (*_PROGRAMS, *_POOLED):
            value = event.get(name)
            if value.__class__ is str and value:
                found[_POOL_OF[name]].add(value)
        for step in str(event.get("CallTrace", "")).split("|"):
            path, plus, _ = step.rpartition("+")
            if plus and path.lower().endswith(".dll"):
                found["ImageLoaded"].add(path)
    # In the order of a hash, so that it is not the alphabet that decides what is common.
    return {name: sorted(values, key=_shuffled) for name, values in found.items()}


def _shuffled(value: str) -> bytes:
    return blake2b(value.encode("utf-8", "surrogatepass"), digest_size=8).digest()


def batches(documents: Iterable[Document], received: int) -> Iterator[Batch]:
    """Documents as a reader of event logs would batch them: by kind and layout, within portions of 10,000."""
    names = routes(LogSource("windows"))[0].names
    portion: list[Document] = []
    for document in documents:
        portion.append(document)
        if len(portion) == 10 * BATCH_ROWS:
            yield from _portion(portion, names, received)
            portion = []
    yield from _portion(portion, names, received)


def _portion(documents: Sequence[Document], names: Any, received: int) -> Iterator[Batch]:
    groups: defaultdict[tuple[Any, ...], list[Document]] = defaultdict(list)
    for document in documents:
        groups[(*(str(document.get(name)) for name in _CONSTANT), *document)].append(document)
    for group in groups.values():
        for start in range(0, len(group), BATCH_ROWS):
            yield _batch(group[start : start + BATCH_ROWS], names, received)


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
    flat = {name: system[name] for name in ("Channel", "Computer", "Level", "Task", "Keywords") if name in system}
    flat["EventID"] = _text(system["EventID"])
    flat["Provider_Name"] = system.get("Provider", {}).get("#attributes", {}).get("Name", "")
    user = [part for part in (event.get("UserData") or {}).values() if isinstance(part, dict)]
    for part in (*user, event.get("EventData") or {}):
        for name, value in part.items():
            if name != "#attributes":
                flat.setdefault(name, _text(value))
    return flat


def _text(value: Any) -> Any:
    return value["#text"] if isinstance(value, dict) and "#text" in value else value

"""A mix of Windows events for measuring: recorded events, drawn again and again with other names and numbers in them.

Recorded attacks are too few and too alike to measure with. So events are drawn from them by a seeded generator, a stated
share of them process creations (the costliest kind), and varied: hosts and accounts come from pools of the size of
a town's administration, and every run of two or more digits is redrawn with a chance of one half.
"""

import random  # noqa: TID251 - only for the type: the generator is made from a seed that is passed in
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson
from evtx import PyEvtxParser

from correlation.rules.logsources import routes
from correlation.rules.model import LogSource
from sensors.event.model import BATCH_ROWS, Batch, Source

PROCESS_CREATIONS: Final = 0.027
"""Share of process creations: that of the public host archives in which the first measurements were made."""
HOSTS: Final = 200
ACCOUNTS: Final = 500
_CREATION: Final = (("microsoft-windows-sysmon/operational", "1"), ("security", "4688"))
_DIGITS: Final = re.compile(r"\d{2,}")
_HOST_FIELDS: Final = frozenset({"Computer", "WorkstationName", "Workstation", "SourceHostname", "DestinationHostname"})
_ACCOUNT_FIELDS: Final = frozenset({"User", "SubjectUserName", "TargetUserName", "AccountName", "SourceUser"})
_FIXED: Final = frozenset({"Channel", "EventID", "Provider_Name"})

Document = dict[str, Any]


def recorded(folder: Path) -> list[Document]:
    """Every event of the EVTX files below a folder, flat, under the names that Windows rules use."""
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() == ".evtx")
    return [_flat(orjson.loads(record["data"])["Event"]) for path in files for record in PyEvtxParser(str(path)).records_json()]


def mixed(events: Sequence[Document], count: int, seed: int) -> Iterator[Document]:
    """`count` events drawn from these and varied, the same ones for the same seed.

    Raises:
        ValueError: there is nothing to draw from.
    """
    if not events:
        raise ValueError("no events to draw from")
    chance = random.Random(seed)  # noqa: S311, TID251 - a reproducible mix, no secret
    creations = [event for event in events if _kind(event) in _CREATION]
    others = [event for event in events if _kind(event) not in _CREATION] or creations
    hosts = [f"WH-{chance.randrange(10**5):05d}" for _ in range(HOSTS)]
    accounts = [f"user{chance.randrange(10**4):04d}" for _ in range(ACCOUNTS)]
    for _ in range(count):
        drawn = creations if creations and chance.random() < PROCESS_CREATIONS else others
        yield _varied(chance.choice(drawn), chance, hosts, accounts)


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


_CONSTANT: Final = ("Channel", "EventID", "Provider_Name")


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


def _kind(event: Mapping[str, Any]) -> tuple[str, str]:
    return str(event.get("Channel")).lower(), str(event.get("EventID"))


def _varied(event: Document, chance: random.Random, hosts: Sequence[str], accounts: Sequence[str]) -> Document:
    def digits(found: re.Match[str]) -> str:
        length = found.end() - found.start()
        return f"{chance.randrange(10 ** min(length, 18)):0{length}d}"

    made = dict(event)
    for name, value in event.items():
        if name in _HOST_FIELDS:
            made[name] = chance.choice(hosts)
        elif name in _ACCOUNT_FIELDS:
            made[name] = chance.choice(accounts)
        elif value.__class__ is str and name not in _FIXED and chance.random() < 0.5:
            made[name] = _DIGITS.sub(digits, value)
    return made


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

"""Columns of records as columns of events: names of ECS, times of the epoch, the rest below netflow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from sensors.capture import text
from sensors.capture.endpoints import TRANSPORTS
from sensors.event.times import LATEST, SECOND
from sensors.listening.netflow.decode import Column
from sensors.listening.netflow.elements import REVERSE
from sensors.listening.netflow.wire import MILLISECOND

Longs = npt.NDArray[np.int64]
Known = Mapping[tuple[int, int], Column]

DATASET: Final = "netflow.flow"
CONSTANTS: Final[Mapping[str, Any]] = {
    "event.module": "netflow",
    "event.kind": "event",
    "event.category": ["network"],
    "event.type": ["connection"],
}
LARGEST: Final = np.uint64((1 << 63) - 1)

_NTP_EPOCH: Final = 2_208_988_800
"""Seconds from 1900 to 1970 (RFC 5905)."""
_STARTS: Final = (152, 22, 150, 154, 156, 158)
_ENDS: Final = (153, 21, 151, 155, 157, 159)
_TIMES: Final = frozenset((*_STARTS, *_ENDS))
"""Elements of the beginning and the end, the usual ones first: a template rarely has two of them."""
# Which elements count what: the first that a template has. Deltas before totals, since those count from the flow's
# beginning; initiator and responder are those of Cisco's ASA.
_COUNTS: Final = (
    ("source.bytes", ((1, 0), (231, 0), (85, 0))),
    ("source.packets", ((2, 0), (298, 0), (86, 0))),
    ("destination.bytes", ((1, REVERSE), (232, 0), (85, REVERSE))),
    ("destination.packets", ((2, REVERSE), (299, 0), (86, REVERSE))),
)
_PROTOCOL: Final = 4
_BEGUN: Final = 160
_NO_ADDRESS: Final = ".".join("0000")
_SAMPLING: Final = "netflow.sampling_interval"
_TRANSPORT_TEXT: Final = np.array([TRANSPORTS.get(number, str(number)) for number in range(256)], dtype=object)
_NUMBER_TEXT: Final = np.array([str(number) for number in range(256)], dtype=object)


@dataclass(frozen=True, slots=True)
class Told:
    """What an exporter said in options: its samplings and since when it runs.

    `samplings` are every so manieth packet, by sampler, that of sampler 0 for records that name none; `begun` is
    milliseconds since 1970, None where it was not said.
    """

    samplings: Mapping[int, int]
    begun: int | None = None


@dataclass(frozen=True, slots=True)
class _Clocks:
    """What an exporter's own times are counted from."""

    exported: Longs
    uptime: Longs | None
    begun: int | None

    def uptime_of(self, known: Known) -> Longs | None:
        """Milliseconds that the exporter had run when it sent each record; IPFIX says since when, if anything."""
        said = known.get((_BEGUN, 0))
        if self.uptime is not None:
            return self.uptime
        if said is not None and isinstance(said.values, np.ndarray):
            begun: Any = np.minimum(said.values, np.uint64(LATEST // MILLISECOND)).astype(np.int64)
        elif self.begun is not None:
            begun = self.begun
        else:
            return None
        return np.asarray(self.exported // MILLISECOND - begun, np.int64)


def events(
    columns: Sequence[Column], exported: Longs, uptime: Longs | None, told: Told
) -> tuple[dict[str, Sequence[Any]], Longs | None, npt.NDArray[np.bool_]]:
    """The events' columns, their times (ns since 1970, None where nothing says them), and which rows cannot be events.

    Args:
        columns: what `decode` gave.
        exported: when each record was sent, ns.
        uptime: milliseconds that the exporter had run then; None where packets do not say it.
        told: what the exporter said apart from its records.
    """
    known: dict[tuple[int, int], Column] = {}
    found: dict[str, Any] = {}
    odd = np.zeros(len(exported), np.bool_)
    for column in columns:
        known.setdefault((column.number, column.enterprise), column)
    clocks = _Clocks(exported, uptime, told.begun)
    start, begins = _moments(known, _STARTS, clocks)
    end, ends = _moments(known, _ENDS, clocks)
    used = {id(column) for column in (begins, ends, known.get((_PROTOCOL, 0)))}
    for column in columns:
        if id(column) not in used:
            if isinstance(column.values, np.ndarray):
                odd |= column.values > LARGEST
            _put(found, column, first=known[column.number, column.enterprise] is column)
    _count(found, known)
    _protocol(found, known)
    if start is not None:
        found["event.start"] = text.times(start)
    if end is not None:
        found["event.end"] = text.times(end)
    if start is not None and end is not None:
        found["event.duration"] = np.maximum(end - start, 0)
    _sample(found, known, told.samplings)
    return found, start if start is not None else end, odd


def _put(found: dict[str, Any], column: Column, *, first: bool) -> None:
    values: Any = column.values
    if isinstance(values, np.ndarray):
        values = np.minimum(values, LARGEST).astype(np.int64)
    field = column.element.field
    if field in found and first and field.endswith(".ip"):
        # A template for both families leaves the address empty that a flow does not have.
        pairs = zip(*_four_first(found[field], values), strict=True)
        found[field] = [six if four == _NO_ADDRESS else four for four, six in pairs]
    elif field not in found:
        found[field] = values
    else:
        number = sum(name.partition("#")[0] == field for name in found)
        found[f"netflow.ie.{column.number}_{number}"] = values


def _four_first(one: Sequence[str], other: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    return (other, one) if one and ":" in one[0] else (one, other)


def _count(found: dict[str, Any], known: Known) -> None:
    for name, choices in _COUNTS:
        chosen = next((known[choice] for choice in choices if choice in known), None)
        if chosen is not None and isinstance(chosen.values, np.ndarray):
            found.pop(chosen.element.field, None)
            found[name] = np.minimum(chosen.values, LARGEST).astype(np.int64)
    for unit in ("bytes", "packets"):
        sent, answered = found.get(f"source.{unit}"), found.get(f"destination.{unit}")
        if sent is not None:
            room = np.int64(LARGEST) - sent
            found[f"network.{unit}"] = sent if answered is None else sent + np.minimum(answered, room)


def _protocol(found: dict[str, Any], known: Known) -> None:
    column = known.get((_PROTOCOL, 0))
    if column is not None and isinstance(column.values, np.ndarray):
        numbers = np.minimum(column.values, np.uint64(255)).astype(np.int64)
        found["network.iana_number"] = _NUMBER_TEXT[numbers].tolist()
        found["network.transport"] = _TRANSPORT_TEXT[numbers].tolist()
    addresses = found.get("source.ip")
    if addresses is not None:
        both = (8, 0) in known and (27, 0) in known
        found["network.type"] = (
            ["ipv6" if ":" in address else "ipv4" for address in addresses]
            if both
            else ["ipv6" if (27, 0) in known else "ipv4"] * len(addresses)
        )


def _moments(known: Known, choices: Sequence[int], clocks: _Clocks) -> tuple[Longs | None, Column | None]:
    """The moments that the first of these elements says, and its column; None where none of them says any."""
    column = next((known[number, 0] for number in choices if (number, 0) in known), None)
    if column is None or not isinstance(column.values, np.ndarray):
        return None, None
    values = column.values
    kind = column.element.kind
    if kind == "uptime":
        uptime = clocks.uptime_of(known)
        if uptime is None:
            return None, None
        # Both count modulo 2^32 milliseconds, some 50 days; the difference is right across the turn.
        ago = (uptime.astype(np.uint64) - values) & np.uint64(0xFFFF_FFFF)
        signed = np.where(ago >= np.uint64(1 << 31), ago.astype(np.int64) - (1 << 32), ago.astype(np.int64))
        moments = clocks.exported - signed * MILLISECOND
    elif kind == "delta":
        moments = clocks.exported - np.minimum(values, np.uint64(1 << 40)).astype(np.int64) * 1_000
    elif kind in {"micros", "nanos"}:
        # NTP's format: seconds since 1900, and 2^32ths of one (RFC 7011 sections 6.1.9 and 6.1.10).
        seconds = (values >> np.uint64(32)).astype(np.int64) - _NTP_EPOCH
        fraction = ((values & np.uint64(0xFFFF_FFFF)) * np.uint64(SECOND) >> np.uint64(32)).astype(np.int64)
        moments = seconds * SECOND + fraction
    else:
        scale = SECOND if kind == "seconds" else MILLISECOND
        moments = np.minimum(values, np.uint64(LATEST // scale)).astype(np.int64) * scale
    return np.asarray(np.clip(moments, 0, LATEST - 1), np.int64), column


def _sample(found: dict[str, Any], known: Known, samplings: Mapping[int, int]) -> None:
    """The sampling that the exporter told apart from its flows (RFC 3954 section 6, RFC 5477)."""
    if _SAMPLING in found or not samplings:
        return
    chosen = known.get((48, 0)) or known.get((302, 0))
    if chosen is None or not isinstance(chosen.values, np.ndarray):
        if 0 in samplings:
            found[_SAMPLING] = np.full(len(next(iter(found.values()), ())), samplings[0], np.int64)
        return
    samplers, which = np.unique(chosen.values, return_inverse=True)
    intervals = np.array([samplings.get(int(sampler), 0) for sampler in samplers.tolist()], np.int64)
    if intervals.all():
        found[_SAMPLING] = intervals[which]

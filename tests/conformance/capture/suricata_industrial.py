"""suricata-verify's checks on DNP3 (there are none on Modbus) read as questions about our events.

EVE tells a request and its answer apart, we tell them as one event: each is two halves; it does not tell confirmations.
Left out of a check are the bits of the layers that carry a message, the form of object headers (qualifiers), and the
values and flags of single points, which are not told; commands and files are.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from tests.conformance.capture.suricata import Case, Event, Says
from tests.conformance.capture.suricata import cases as asked
from tests.conformance.capture.suricata import said as elsewhere

KINDS = {"dnp3": "network.dnp3"}
"""EVE's kinds of events and our datasets."""

_LEFT_OUT = re.compile(
    r"dnp3\.control\..*|dnp3\.application\.control\.(con|fin|fir|uns)"
    r"|dnp3\.application\.objects\[\d+\]\.(qualifier|prefix_code|range_code)"
    r"|dnp3\.application\.objects\[\d+\]\.points\[\d+\]\."
    r"(prefix|restart|remote_forced|online|local_forced|comm_lost|reserved\d?|state|value|rollover|reference_err"
    r"|over_range|discontinuity|chatter_filter|size|request_id|maximum_block_size|file_size|file_handle|timestamp"
    r"|optional_text|qu|permissions|filename_size|filename_offset|created|authentication_key|file_data|delay_ms"
    r"|block_number)",
)
_OBJECT = re.compile(r"g(?P<group>\d+)v(?P<variation>\d+)(?: (?P<where>.*))?")
_TRIPS = {"Nul": 0, "Close": 1, "Trip": 2}
_TYPES = {"Nul": 0, "Pulse On": 1, "Pulse Off": 2, "Latch On": 3, "Latch Off": 4}
_STATUSES = {"Success": 0, "SUCCESS": 0}
_MODES = {"READ": 1, "WRITE": 2, "APPEND": 3}


@dataclass(frozen=True)
class Header:
    """An object header as we write it: `g30v4 2-10`, `g12v1 3 7`, `g52v2 x1`, `g60v1`."""

    group: int
    variation: int
    start: int
    stop: int
    count: int
    indices: tuple[int, ...]


def header(written: str) -> Header:
    match = _OBJECT.fullmatch(written)
    assert match
    where = match["where"] or ""
    numbers = [int(number) for number in re.findall(r"\d+", where)]
    kind = int(match["group"]), int(match["variation"])
    if not where:
        return Header(*kind, 0, 0, 0, ())
    if where.startswith("x"):
        return Header(*kind, 0, 0, numbers[0], tuple(range(min(numbers[0], 64))))
    if "-" in where:
        start, stop = numbers
        return Header(*kind, start, stop, stop - start + 1, tuple(range(start, min(stop, start + 512) + 1)))
    return Header(*kind, 0, 0, len(numbers), tuple(numbers))


def halves(event: Event) -> Iterator[Event]:
    """What EVE writes for one of our events: a request and its answer are two of them."""
    source, destination = event["dnp3.source"], event["dnp3.destination"]
    asks = event["dnp3.function_code"] < 128
    answered = "event.duration" in event
    if asks and event["dnp3.function"] != "CONFIRM":
        yield _half(event, "request", event["dnp3.function"], (source, destination))
    if not asks or (answered and "dnp3.fc_reply" in event):
        # An answer goes the other way than the request that it stands with.
        ends = (destination, source) if asks else (source, destination)
        kind = "unsolicited_response" if event["dnp3.fc_reply"] == "UNSOLICITED_RESPONSE" else "response"
        yield _half(event, kind, event["dnp3.fc_reply"], ends)


_CODES = {"RESPONSE": 129, "UNSOLICITED_RESPONSE": 130}


def _half(event: Event, kind: str, function: str, ends: tuple[int, int]) -> Event:
    objects = event.get("dnp3.objects" if kind == "request" else "dnp3.response_objects")
    return {
        **event, "half": kind, "code": _CODES.get(function, event["dnp3.function_code"]), "ends": ends,
        "headers": [header(one) for one in objects or ()],
    }


def _of_header(number: str, part: str) -> Says:
    def says(event: Event) -> Iterable[int]:
        return [getattr(one, part) for one in event["headers"][int(number) : int(number) + 1]]

    return says


_NAMES = {
    "ontime": "control.on_time", "offtime": "control.off_time", "count": "control.execute_count",
    "cr": "control.clear_bit", "op_type": "control.operation_type", "tcc": "control.trip_control_code",
    "status_code": "control.status_code", "filename": "file.path", "operational_mode": "file.mode",
}


def _of_point(number: str, point: str, part: str) -> Says:
    def says(event: Event) -> Iterable[Any]:
        header = event["headers"][int(number)] if int(number) < len(event["headers"]) else None
        if header is None:
            return
        if part == "index":
            yield from (0,) if header.group == 70 else header.indices[int(point) : int(point) + 1]
        elif part == "status_code" and header.group == 70:
            yield _STATUSES.get(event.get("dnp3.file.status", ""))
        elif part == "status_code" and event["half"] == "request":
            # Only an answer has a status; what a request holds in its place is always 0.
            yield 0
        elif part == "filename":
            yield event.get("file.path")
        elif part == "operational_mode":
            yield _MODES.get(event.get("dnp3.file.mode", ""), 0)
        else:
            for value in (event.get(f"dnp3.{_NAMES[part]}") or ())[int(point) : int(point) + 1]:
                yield {**_TYPES, **_TRIPS, **_STATUSES}.get(value, value) if isinstance(value, str) else int(value)

    return says


FIELDS: dict[str, Says] = {
    "dnp3.type": lambda event: (event["half"],), "dnp3.src": lambda event: (event["ends"][0],),
    "dnp3.dst": lambda event: (event["ends"][1],),
    "dnp3.application.function_code": lambda event: (event["code"],),
    "dnp3.application.control.sequence": lambda event: (event["dnp3.sequence"],),
    "dnp3.application.complete": lambda event: (not event.get("dnp3.incomplete", False),),
}
_LISTS: tuple[tuple[str, Callable[..., Says]], ...] = (
    (r"dnp3\.application\.objects\[(\d+)\]\.(group|variation|start|stop|count)", _of_header),
    (
        rf"dnp3\.application\.objects\[(\d+)\]\.points\[(\d+)\]\.(index|{'|'.join(_NAMES)})",
        _of_point,
    ),
)


def said(key: str) -> Says | None:
    """What our events say where EVE has this key; None where they say nothing."""
    if key in FIELDS:
        return FIELDS[key]
    for pattern, make in _LISTS:
        if match := re.fullmatch(pattern, key):
            return make(*match.groups())
    return elsewhere(key) or (FIELDS["dnp3.type"] if _LEFT_OUT.fullmatch(key) else None)


def cases() -> Iterator[Case]:
    """Every check about DNP3 that can be asked of our fields, without what is left out of it."""
    for case in asked(KINDS, said):
        yield replace(case, values={key: value for key, value in case.values.items() if not _left_out(key, case)})


def _left_out(key: str, case: Case) -> bool:
    """Also what EVE calls the count of a point is left out where the point is a counter: it is its value."""
    counted = re.fullmatch(r"(dnp3\.application\.objects\[\d+\]\.)points\[\d+\]\.count", key)
    if counted and case.values.get(f"{counted[1]}group") != 12:
        return True
    return _LEFT_OUT.fullmatch(key) is not None

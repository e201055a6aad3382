"""Labelled traffic as a router would export it: one-way records of NetFlow, cut where they last too long.

Each flow becomes records from its source and, where it was answered, records back. A record has the flags that its
packets set, and the port that the client's system chose. Records come when they end, so that they are out of order.
"""

from collections.abc import Iterator
from random import Random  # noqa: TID251 - seeded by the caller
from typing import Any, Final

from correlation.detectors.labelled import Traffic, batch_of
from sensors.event.model import BATCH_ROWS, Batch
from sensors.event.times import SECOND

ACTIVE: Final = 300.0
"""Seconds after which an exporter tells of a flow that goes on."""
_SYN, _REFUSED, _WHOLE, _GOES_ON = 0x02, 0x14, 0x1B, 0x18
_ECHO: Final = {"icmp": 8, "ipv6-icmp": 128}


def exported(traffic: Traffic, seed: int = 1, *, flags: bool = True) -> Iterator[Batch]:
    """The flows of some traffic as batches of NetFlow, in the order in which an exporter sends them.

    `flags`: it tells the flags of TCP; some exporters say 0 for all of them.
    """
    draw = Random(seed)  # noqa: S311 - reproducible, not secret
    records = [
        record for time, flow in traffic.events["network.flow"] for record in _records(time, flow, draw)
    ]  # fmt: skip
    records.sort(key=lambda record: record[0] + record[1]["event.duration"] / SECOND)
    if not flags:
        for _, record in records:
            record["netflow.tcp_control_bits"] = 0
    names = sorted({name for _, record in records for name in record})
    for first in range(0, len(records), BATCH_ROWS):
        yield batch_of("netflow.flow", first, records[first : first + BATCH_ROWS], names)


def _records(time: float, flow: dict[str, Any], draw: Random) -> Iterator[tuple[float, dict[str, Any]]]:
    transport, answered = flow["network.transport"], flow["destination.packets"]
    port = None if transport in _ECHO else draw.randrange(32_768, 61_000)
    there, here = ("source", port), ("destination", flow["destination.port"])
    futile = transport == "tcp" and answered <= 1
    for one, other, units in ((there, here, "source"), (here, there, "destination")):
        if not flow[f"{units}.packets"]:
            continue
        parts = max(1, -(-flow["event.duration"] // round(ACTIVE * SECOND)))
        for part in range(parts):
            whole = _SYN if units == "source" else _REFUSED
            flags = whole if futile else _GOES_ON if part else _WHOLE
            record = {
                "source.ip": flow[f"{one[0]}.ip"], "destination.ip": flow[f"{other[0]}.ip"], "source.port": one[1],
                "destination.port": other[1], "network.transport": transport, "observer.ip": "10.1.255.1",
                "source.bytes": flow[f"{units}.bytes"] // parts,
                "source.packets": max(1, flow[f"{units}.packets"] // parts),
                "event.duration": flow["event.duration"] // parts,
                "netflow.tcp_control_bits": flags if transport == "tcp" else 0,
            }  # fmt: skip
            if transport in _ECHO:
                record["netflow.icmp_type_code_ipv4"] = _ECHO[transport] << 8
            yield time + part * flow["event.duration"] / parts / SECOND, record

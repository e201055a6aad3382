"""What the events of a batch show of addresses, by dataset.

A service is what answered: of TCP two segments at least, since one opens or refuses; of UDP any. An offer of DHCP is
none yet; its ACK is. Names that clients ask for are those of TLS and HTTP.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import repeat
from typing import Any, Final, TypeAlias

import numpy as np

from inventory.observing.model import Sighting
from sensors.event.model import Batch

_Found: TypeAlias = Iterator[tuple[int, Sighting]]
"""The number of a row, and what it shows."""

_ANSWERS: Final = {"tcp": 2, "udp": 1}
"""Packets that come back from a service at least."""


def sightings(batch: Batch) -> _Found:
    """What the rows of a batch show, each behind its number; what no reader knows shows nothing."""
    reader = _READERS.get(batch.dataset)
    if reader is not None:
        yield from reader(batch)
    elif "host.ip" in batch.columns or "host.ip" in batch.constants:
        yield from _hosts(batch)


def _flows(batch: Batch) -> _Found:
    names = ("source.ip", "destination.ip", "destination.port", "network.transport", "destination.packets")
    for row, (source, destination, port, transport, answers) in _rows(batch, *names):
        if source is not None:
            yield row, Sighting(source, "traffic")
        if destination is not None and answers:
            yield row, Sighting(destination, "traffic")
            if port and answers >= _ANSWERS.get(transport, answers + 1):
                yield row, Sighting(destination, "service", f"{transport}/{port}")


def _one_way(batch: Batch) -> _Found:
    for row, (source,) in _rows(batch, "source.ip"):
        if source is not None:
            yield row, Sighting(source, "traffic")


def _dhcp(batch: Batch) -> _Found:
    names = ("dhcp.message_type", "dhcp.assigned_addr", "dhcp.mac", "dhcp.host_name")
    for row, (kind, address, mac, name) in _rows(batch, *names):
        if kind == "ACK" and address not in {None, "0.0.0.0"}:  # noqa: S104 - the address that stands for none
            if mac:
                yield row, Sighting(address, "mac", mac)
            if name:
                yield row, Sighting(address, "host_name", name.lower())


def _neighbours(batch: Batch) -> _Found:
    names = ("source.ip", "ndp.source_mac", "ndp.target", "ndp.target_mac")
    for row, (source, source_mac, target, target_mac) in _rows(batch, *names):
        if source and source_mac:
            yield row, Sighting(source, "mac", source_mac)
        if target and target_mac:
            yield row, Sighting(target, "mac", target_mac)


def _tls(batch: Batch) -> _Found:
    for row, (address, name, done) in _rows(batch, "destination.ip", "tls.client.server_name", "tls.established"):
        if address and name and done is not False:
            yield row, Sighting(address, "server_name", name.lower())


def _http(batch: Batch) -> _Found:
    for row, (address, name, status) in _rows(batch, "destination.ip", "url.domain", "http.response.status_code"):
        if address and name and status:
            yield row, Sighting(address, "server_name", name.lower())


def _hosts(batch: Batch) -> _Found:
    """Logs say the addresses of the host that wrote them."""
    for row, (addresses, name, mac) in _rows(batch, "host.ip", "host.name", "host.mac"):
        for address in _several(addresses):
            yield row, Sighting(address, "traffic")
            if name:
                yield row, Sighting(address, "host_name", str(name).lower())
            for one in _several(mac):
                yield row, Sighting(address, "mac", one.lower().replace("-", ":"))


_READERS: Final[Mapping[str, Callable[[Batch], _Found]]] = {
    # Flows of two directions that say who began.
    "network.flow": _flows, "suricata.flow": _flows, "zeek.conn": _flows,
    # One direction each: who sends is there.
    "netflow.flow": _one_way,
    # Who has which hardware address and name.
    "network.dhcp": _dhcp, "network.ndp": _neighbours,
    # What a server is called by its clients.
    "network.tls": _tls, "suricata.tls": _tls, "zeek.ssl": _tls, "network.http": _http, "suricata.http": _http,
    "zeek.http": _http,
}  # fmt: skip


def _rows(batch: Batch, *names: str) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """The number and these fields of each row."""
    return enumerate(zip(*(_values(batch, name) for name in names), strict=False)) if _has(batch, names) else iter(())


def _has(batch: Batch, names: Iterable[str]) -> bool:
    # Columns that all rows share have no end: one at least must have one.
    return any(name in batch.columns for name in names)


def _values(batch: Batch, name: str) -> Iterator[Any]:
    column = batch.columns.get(name)
    if column is None:
        return repeat(batch.constants.get(name))
    return iter(column.tolist() if isinstance(column, np.ndarray) else column)


def _several(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(value) if isinstance(value, list | tuple) else (str(value),)

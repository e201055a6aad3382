from typing import Any

import pytest

from inventory.observing.model import Sighting
from inventory.observing.reading import sightings
from tests.correlation.matcher.making import make_batch

FLOW = {"source.ip": "10.1.0.1", "destination.ip": "10.1.0.2", "destination.port": 443, "network.transport": "tcp"}
SENDS, ANSWERS = Sighting("10.1.0.1", "traffic"), Sighting("10.1.0.2", "traffic")


def _seen(dataset: str, *rows: dict[str, Any]) -> list[Sighting]:
    return [sighting for _, sighting in sightings(make_batch(list(rows), dataset=dataset))]


@pytest.mark.parametrize(
    ("said", "seen"),
    [
        ({"destination.packets": 0}, [SENDS]),
        ({"destination.packets": 1}, [SENDS, ANSWERS]),
        ({"destination.packets": 2}, [SENDS, ANSWERS, Sighting("10.1.0.2", "service", "tcp/443")]),
        ({"destination.packets": 1, "network.transport": "udp"},
         [SENDS, ANSWERS, Sighting("10.1.0.2", "service", "udp/443")]),
        ({"destination.packets": 9, "network.transport": "icmp"}, [SENDS, ANSWERS]),
    ],
)  # fmt: skip
def test_a_service_is_what_answered(said: dict[str, Any], seen: list[Sighting]) -> None:
    assert _seen("network.flow", FLOW | said) == seen


def test_netflow_shows_who_sends() -> None:
    assert _seen("netflow.flow", FLOW | {"destination.packets": 9}) == [SENDS]


def test_an_address_is_given_by_an_acknowledgement_and_not_by_an_offer() -> None:
    said = {"dhcp.assigned_addr": "10.1.0.9", "dhcp.mac": "00:1a:2b:3c:4d:5e", "dhcp.host_name": "PC-9"}
    assert _seen("network.dhcp", said | {"dhcp.message_type": "OFFER"}) == []
    assert _seen("network.dhcp", said | {"dhcp.message_type": "ACK"}) == [
        Sighting("10.1.0.9", "mac", "00:1a:2b:3c:4d:5e"), Sighting("10.1.0.9", "host_name", "pc-9"),
    ]  # fmt: skip


def test_neighbours_names_and_logs_say_who_they_are() -> None:
    mac = "00:00:00:00:00:01"
    ndp = {"source.ip": "fd00::1", "ndp.source_mac": mac, "ndp.target": "fd00::2", "ndp.target_mac": None}
    assert _seen("network.ndp", ndp) == [Sighting("fd00::1", "mac", mac)]
    tls = {"destination.ip": "10.1.0.2", "tls.client.server_name": "OA.example", "tls.established": True}
    assert _seen("network.tls", tls, tls | {"tls.established": False}) == [
        Sighting("10.1.0.2", "server_name", "oa.example")
    ]
    log = {"host.ip": ["10.1.0.3", "fd00::3"], "host.name": "WEB01", "host.mac": "00-00-00-00-00-03"}
    assert set(_seen("windows.sysmon", log)) == {
        sighting
        for address in ("10.1.0.3", "fd00::3")
        for sighting in (
            Sighting(address, "traffic"), Sighting(address, "host_name", "web01"),
            Sighting(address, "mac", "00:00:00:00:00:03"),
        )
    }  # fmt: skip


def test_what_no_reader_knows_shows_nothing() -> None:
    assert _seen("system.syslog", {"message": "10.1.0.1"}) == []

import sys
from pathlib import Path

import pytest

from sensors.capture import craft
from sensors.capture.crafting import AGENT
from sensors.capture.errors import CrafterMissing
from sensors.event.fields import fields
from tests.sensors.capture import frames as made

EXPECTED = {
    "dns-lookups": ("network.dns", 3),
    "dns-tunnel": ("network.dns", 20),
    "tls-hello": ("network.tls", 1),
    "http-exchange": ("network.http", 1),
    "modbus-write": ("network.flow", 1),
    "port-scan": ("network.flow", 100),
    "rogue-router": ("network.flow", 1),
    "echo": ("network.flow", 1),
    "portal-attack": ("network.http", 6),
    "remote-desktop-from-outside": ("network.tls", 1),
    "telnet-administration": ("network.flow", 1),
    "controller-from-outside": ("network.flow", 1),
    "obsolete-tls": ("network.tls", 1),
    "beacon": ("network.tls", 3),
    "teredo": ("network.flow", 2),
    "files-to-outside": ("network.flow", 1),
}


@pytest.mark.parametrize("scene", craft.SCENES)
def test_every_scene_is_seen_as_what_it_is(tmp_path: Path, scene: str) -> None:
    pytest.importorskip("scapy", reason="crafting needs scapy, an optional part")
    path = tmp_path / "scene.pcapng"
    packets = craft.save(path, made.START, [scene])
    data = path.read_bytes()
    assert "synthetic" in data.decode("utf-8", "replace")
    portions = made.read(path, data)
    dataset, events = EXPECTED[scene]
    assert made.counts(portions)["packets", "flow"] == packets
    assert len(made.rows(portions, dataset)) == events


def test_the_same_beginning_gives_the_same_octets(tmp_path: Path) -> None:
    pytest.importorskip("scapy", reason="crafting needs scapy, an optional part")
    craft.save(tmp_path / "a.pcap", made.START)
    craft.save(tmp_path / "b.pcap", made.START)
    assert (tmp_path / "a.pcap").read_bytes() == (tmp_path / "b.pcap").read_bytes()


def test_the_meanings_of_some_scenes(tmp_path: Path) -> None:
    pytest.importorskip("scapy", reason="crafting needs scapy, an optional part")
    path = tmp_path / "all.pcap"
    craft.save(path, made.START)
    portions = made.read(path, path.read_bytes())
    flows = made.rows(portions)
    assert sum(flow.get("hanwatch.tcp.state") == "REJ" for flow in flows) == 100
    (modbus,) = [flow for flow in flows if flow.get("destination.port") == 502]
    assert modbus["hanwatch.tcp.state"] == "SF"
    (router,) = [flow for flow in flows if flow["source.ip"] == "fe80::bad"]
    assert router["hanwatch.icmp.type"] == 134
    page, *_ = made.rows(portions, "network.http")
    assert (page["user_agent.original"], page["http.response.status_code"]) == (AGENT, 200)
    hello, *_ = made.rows(portions, "network.tls")
    assert (hello["tls.client.server_name"], hello["tls.established"]) == ("portal.gov.example", True)
    assert {event.get("dns.response_code") for event in made.rows(portions, "network.dns")} == {
        "NOERROR",
        "NXDOMAIN",
        None,
    }


def test_every_field_of_every_event_is_declared(tmp_path: Path) -> None:
    pytest.importorskip("scapy", reason="crafting needs scapy, an optional part")
    path = tmp_path / "all.pcapng"
    craft.save(path, made.START)
    seen = {
        name
        for portion in made.read(path, path.read_bytes())
        for batch in portion.batches
        for name in (*batch.columns, *batch.constants)
    }
    assert len(seen) > 50
    assert seen <= set(fields())


def test_without_scapy_the_error_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scapy.all", None)
    with pytest.raises(CrafterMissing) as caught:
        craft.echo(0)
    assert "hanwatch[packets]" in str(caught.value)

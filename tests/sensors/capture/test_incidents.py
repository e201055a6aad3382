"""What the scenes of incidents say, as the sensor reads them; which rules find them says tests/cli/test_demo.py."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sensors.capture import incidents
from sensors.capture.writing import Frame, pcap
from tests.sensors.capture import frames as made

pytest.importorskip("scapy", reason="crafting needs scapy, an optional part")


def rows(
    tmp_path: Path, scene: Callable[[int], list[Frame]], dataset: str = "network.flow"
) -> list[dict[str, Any]]:
    return made.rows(made.read(tmp_path / "scene.pcap", pcap(scene(made.START))), dataset)


def test_the_intruder_tries_and_finds_a_shell(tmp_path: Path) -> None:
    tried = sorted(rows(tmp_path, incidents.portal_attack, "network.http"), key=lambda row: int(row["event.sequence"]))
    assert {request["source.ip"] for request in tried} == {incidents.INTRUDER}
    assert [request["http.response.status_code"] for request in tried] == [404, 200, 500, 200, 200, 200]
    assert tried[-1]["url.original"] == "/upload/images/x.jsp?cmd=whoami"


@pytest.mark.parametrize(
    ("scene", "port", "answers"),
    [
        (incidents.remote_desktop_from_outside, 3_389, 4),
        (incidents.telnet_administration, 23, 8),
        (incidents.controller_from_outside, 102, 3),
        (incidents.files_to_outside, 445, 3),
    ],
)
def test_a_session_is_whole_and_answered(
    tmp_path: Path, scene: Callable[[int], list[Frame]], port: int, answers: int
) -> None:
    (flow,) = rows(tmp_path, scene)
    assert (flow["destination.port"], flow["hanwatch.tcp.state"]) == (port, "SF")
    assert flow["destination.packets"] >= answers


def test_the_beacon_calls_every_minute_and_shows_one_certificate(tmp_path: Path) -> None:
    calls = sorted(rows(tmp_path, incidents.beacon, "network.tls"), key=lambda row: int(row["event.sequence"]))
    assert [call["@timestamp"][14:16] for call in calls] == ["53", "54", "55"]
    assert {call["tls.server.x509.serial_number"] for call in calls} == {"08BB00EE"}
    assert {call["tls.server.subject"].partition(",")[0] for call in calls} == {"CN=Major Cobalt Strike"}


def test_the_old_application_agrees_on_an_old_version(tmp_path: Path) -> None:
    (hello,) = rows(tmp_path, incidents.obsolete_tls, "network.tls")
    assert (hello["tls.version"], hello["tls.established"]) == ("1.0", True)


def test_the_tunnel_is_answered(tmp_path: Path) -> None:
    asked, told = rows(tmp_path, incidents.teredo)
    assert {flow["network.transport"] for flow in (asked, told)} == {"ipv6-icmp"}
    assert asked["hanwatch.tunnel.type"] == told["hanwatch.tunnel.type"] == ["teredo"]
    assert asked["hanwatch.tunnel.source.ip"] == told["hanwatch.tunnel.destination.ip"]

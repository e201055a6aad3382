import socket
from pathlib import Path

import pytest

from tests.cli.conftest import Run


def test_nothing_to_follow_is_told(hanwatch: Run) -> None:
    ran = hanwatch("sensor")
    assert ran.status == 2
    assert "name files or folders to follow" in ran.err


def test_listeners_that_cannot_be_opened_are_told(hanwatch: Run, empty: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        (empty / "hanwatch.yml").write_text(f"listeners:\n  - {{kind: syslog.tcp, port: {port}}}\n")
        ran = hanwatch("sensor")
    assert ran.status == 3
    assert f"127.0.0.1:{port}: taken" in ran.err


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("{kind: syslog.udp, port: 0, prot: udp}", "listeners.0.prot"),
        ("{kind: gopher, port: 70}", "syslog.udp"),
        ("{kind: syslog.tls, port: 6514}", "needs a certificate"),
        ("{kind: syslog.tls, port: 0, certificate: none.pem}", "No such file"),
        ("{kind: http, port: 0, tokens: [short]}", "16"),
        ("{kind: syslog.udp, port: 0, zone: Mars/Olympus}", "no such zone"),
        ("{kind: syslog.udp, port: 0, format: nonsense}", "nonsense"),
    ],
)
def test_settings_of_listeners_that_cannot_be_used_say_why(hanwatch: Run, empty: Path, entry: str, said: str) -> None:
    (empty / "hanwatch.yml").write_text(f"listeners:\n  - {entry}\n")
    ran = hanwatch("sensor")
    assert ran.status == 2, ran.err
    assert said in ran.err


def test_doctor_says_what_listeners_would_be_granted(hanwatch: Run, empty: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        entries = [
            "{kind: syslog.udp, port: 0, name: one, receive_bytes: 9000000000000}",
            f"{{kind: syslog.tcp, port: {taken.getsockname()[1]}, name: two}}",
            "{kind: http, port: 0, name: three}",
        ]
        (empty / "hanwatch.yml").write_text("listeners:\n" + "".join(f"  - {entry}\n" for entry in entries))
        found = [line for line in hanwatch("doctor", "--json").lines if line["check"] == "listeners"]
    assert [line["state"] for line in found] == ["ok", "hint", "hint", "ok", "hint"]
    assert [line["text"].partition(" ")[0].strip(":") for line in found] == ["one", "one", "listener", "three", "three"]

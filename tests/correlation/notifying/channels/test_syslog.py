"""Syslog to our own listener, which reads it as any collector would; CEF is read back by our own parser."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from correlation.notifying.channel import Message
from correlation.notifying.channels.cef import cef
from correlation.notifying.channels.syslog import Syslog
from correlation.notifying.errors import DeliveryDeferred
from correlation.notifying.escaping import one_line
from correlation.notifying.sample import sample_notice
from correlation.notifying.settings import ChannelSettings, Transport
from sensors.event.model import Source
from sensors.parser import Lines
from sensors.parsers.registry import line_parsers
from sensors.settings import ListenerSettings
from tests.correlation.notifying.channels.conftest import Send
from tests.correlation.notifying.conftest import NOON
from tests.sensors.listening.conftest import Listen, listen  # noqa: F401 - a fixture

GOLDEN = Path(__file__).parents[3] / "data" / "correlation" / "notifying"


def _settings(port: int, transport: Transport, **more: Any) -> ChannelSettings:
    return ChannelSettings("collector", "syslog", host="127.0.0.1", port=port, transport=transport, timeout=2.0, **more)


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
@pytest.mark.parametrize("form", ["text", "cef"])
def test_our_own_listener_reads_it(
    send: Send, listen: Listen, authority: Path, transport: Transport, form: str  # noqa: F811 - the fixture
) -> None:
    certificate = {"certificate": authority / "server.pem"} if transport == "tls" else {}
    heard = listen(ListenerSettings(f"syslog.{transport}", 0, name="in", **certificate))  # type: ignore[arg-type]
    ca = {"ca": authority / "ca.pem"} if transport == "tls" else {}
    send(_settings(heard.port(), transport, format=form, **ca))
    (row,) = heard.wait(heard.rows)
    if form == "cef":
        assert row["rule.name"] == "示例：门户网站代码执行"
        assert row["source.ip"] == "203.0.113.199"
        assert row["event.severity"] == 8
        assert row["url.original"].startswith("/index.php?s=/<script>alert(1)</script>|[示例]")
    else:
        assert row["log.syslog.hostname"] == "sensor-1"
        assert "示例：门户网站代码执行" in row["message"]
        assert "source.ip=203.0.113.199" in row["message"]


def test_the_lines_are_as_agreed(golden: Callable[[Path, str], None]) -> None:
    lines = []
    for form in ("text", "cef"):
        for kind in ("alert", "digest", "test"):
            channel = Syslog(_settings(514, "tcp", format=form), "en", "0.1.0", "sensor-1")
            notice = sample_notice(kind, "collector", "night", NOON)  # type: ignore[arg-type]
            lines += channel.lines(Message(notice.id, "[hanwatch] a title", {}, notice))
    golden(GOLDEN / "syslog.txt", b"\n".join(lines).decode() + "\n")


def test_a_digest_is_a_message_for_each_topic_and_a_datagram_holds_what_receivers_take() -> None:
    notice = sample_notice("alert", "collector", "night", NOON)
    shown = notice.topics[0].evidence[0]
    long = replace(shown, summary=dict.fromkeys(("url.original", "user.name", "message"), "中" * 2000))
    topics = tuple(replace(notice.topics[0], title="题" * 300, evidence=(long,)) for _ in range(3))
    message = Message(notice.id, "t", {}, replace(notice, topics=topics))
    for form in ("text", "cef"):
        lines = Syslog(_settings(514, "udp", format=form), "zh", "0.1.0", "a host\n of evil").lines(message)
        assert len(lines) == 3
        assert all(len(line) <= 2_048 and b"\n" not in line for line in lines)
        assert b" ahostofevil hanwatch " in lines[0]


def test_ipv6_has_keys_of_its_own() -> None:
    notice = sample_notice("alert", "collector", "night", NOON)
    topic = replace(notice.topics[0], entities={"source.ip": "2001:db8::1"}, evidence=())
    assert "c6a2Label=Source IPv6 Address c6a2=2001:db8::1" in cef(notice, topic, "t", "0.1.0", 2_000)


def _read_back(line: str) -> Mapping[str, Any]:
    """What the sensors' parser of CEF makes of a line."""
    (parser,) = (one for one in line_parsers() if one.name == "cef")
    parsed = parser.parse(Lines(Source("00" * 16, "text", "a.log"), NOON, [line.encode()], [0], 1), None)
    (batch,) = parsed.batches
    return next(iter(batch.rows()))


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.one_of(st.characters(), st.sampled_from("\\|= \r\n中")), min_size=1, max_size=80))
def test_cef_reads_back_as_it_was(text: str) -> None:
    notice = sample_notice("alert", "collector", "night", NOON)
    shown = replace(notice.topics[0].evidence[0], summary={"url.original": text})
    topic = replace(notice.topics[0], evidence=(shown,), entities={"source.ip": "203.0.113.1"})
    row = _read_back(cef(notice, topic, text, "0.1.0", 8_000))
    assert row["source.ip"] == "203.0.113.1"
    assert row.get("rule.name", "") == one_line(text)
    assert row.get("url.original", "") == one_line(text)


@pytest.mark.parametrize("transport", ["tcp", "tls"])
def test_nobody_listens(send: Send, closed_port: int, transport: Transport) -> None:
    with pytest.raises(DeliveryDeferred, match="net-refused"):
        send(_settings(closed_port, transport))


def test_a_collector_that_is_not_trusted_gets_nothing(
    send: Send, listen: Listen, authority: Path  # noqa: F811 - the fixture
) -> None:
    heard = listen(ListenerSettings("syslog.tls", 0, name="in", certificate=authority / "other.pem"))
    with pytest.raises(DeliveryDeferred, match="TLS"):
        send(_settings(heard.port(), "tls", ca=authority / "ca.pem"))
    assert heard.rows() == []

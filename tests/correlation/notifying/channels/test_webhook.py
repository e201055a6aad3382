"""A webhook against real servers of HTTP and HTTPS, with what can go wrong there."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from correlation.notifying.channels.webhook import signature
from correlation.notifying.errors import DeliveryDeferred, DeliveryRefused, SecretUnusable
from correlation.notifying.settings import ChannelSettings
from sensors.event.times import SECOND
from tests.correlation.conftest import server_side
from tests.correlation.notifying.channels.conftest import Send
from tests.correlation.notifying.conftest import NOON
from tests.correlation.notifying.httpd import Httpd, Proxy, Reply

Start = Callable[..., Httpd]
GOLDEN = Path(__file__).parents[3] / "data" / "correlation" / "notifying"


def _settings(server: Httpd, **more: Any) -> ChannelSettings:
    return ChannelSettings("soc", "webhook", **{"url": server.url, "timeout": 2.0, **more})


def test_the_document_is_as_agreed(send: Send, httpd: Start, golden: Callable[[Path, str], None]) -> None:
    server = httpd()
    for kind in ("alert", "digest"):
        send(_settings(server), kind)
    documents = [orjson.dumps(one.json, option=orjson.OPT_INDENT_2).decode() for one in server.posted]
    golden(GOLDEN / "webhook.json", "\n".join(documents) + "\n")


def test_it_is_signed_and_can_be_known_again(send: Send, httpd: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOC_KEY", "key-of-soc")
    monkeypatch.setenv("SOC_TOKEN", "token-of-soc")
    server = httpd()
    settings = _settings(server, secret="env:SOC_KEY", token="env:SOC_TOKEN")
    message = send(settings)
    send(settings)
    one, two = server.posted
    assert one.headers["Idempotency-Key"] == two.headers["Idempotency-Key"] == message.id
    assert one.headers["Authorization"] == "Bearer token-of-soc"
    stamp = one.headers["X-Hanwatch-Timestamp"]
    assert stamp == str(NOON // SECOND)
    assert one.headers["X-Hanwatch-Signature"] == f"v1={signature('key-of-soc', stamp, one.body)}"
    assert b"key-of-soc" not in one.body


@pytest.mark.parametrize("status", [500, 502, 503, 408, 425, 429])
def test_what_may_pass(send: Send, httpd: Start, status: int) -> None:
    server = httpd()
    server.replies.append(Reply(status, b"busy"))
    with pytest.raises(DeliveryDeferred, match="busy") as failed:
        send(_settings(server))
    assert failed.value.answer == status


@pytest.mark.parametrize("status", [400, 401, 404, 413, 301])
def test_what_will_not(send: Send, httpd: Start, status: int) -> None:
    server = httpd()
    server.replies.append(Reply(status, b"", {"Location": "http://127.0.0.1:9/"}))
    with pytest.raises(DeliveryRefused) as failed:
        send(_settings(server))
    assert failed.value.answer == status
    assert len(server.posted) == 1, "a redirect is not followed"


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("120", 120.0), ("soon", 0.0), ("999999999", 3_600.0), ("-5", 0.0)],
)
def test_how_long_the_other_side_wants_to_be_left_alone(send: Send, httpd: Start, said: str, seconds: float) -> None:
    server = httpd()
    server.replies.append(Reply(429, b"", {"Retry-After": said}))
    with pytest.raises(DeliveryDeferred) as failed:
        send(_settings(server))
    assert failed.value.retry_after == seconds


def test_it_may_be_a_date(send: Send, httpd: Start) -> None:
    server = httpd()
    until = datetime.fromtimestamp(NOON // SECOND, UTC) + timedelta(minutes=5)
    server.replies.append(Reply(503, b"", {"Retry-After": format_datetime(until, usegmt=True)}))
    with pytest.raises(DeliveryDeferred) as failed:
        send(_settings(server))
    assert failed.value.retry_after == 300.0


def test_broken_off_and_slow(send: Send, httpd: Start) -> None:
    server = httpd()
    server.replies += [Reply(reset=True), Reply(slow=1.0)]
    with pytest.raises(DeliveryDeferred, match="net-reset"):
        send(_settings(server))
    with pytest.raises(DeliveryDeferred, match="net-timeout"):
        send(_settings(server, timeout=0.2))


@pytest.mark.parametrize(("certificate", "ca"), [("server", None), ("other", "ca.pem")])
def test_nothing_is_said_to_a_server_that_is_not_trusted(
    send: Send, httpd: Start, authority: Path, certificate: str, ca: str | None
) -> None:
    server = httpd(context=server_side(authority, certificate))
    with pytest.raises(DeliveryDeferred, match="TLS"):
        send(_settings(server, ca=None if ca is None else authority / ca))
    assert server.posted == []


def test_https(send: Send, httpd: Start, authority: Path) -> None:
    server = httpd(context=server_side(authority))
    send(_settings(server, ca=authority / "ca.pem"))
    assert len(server.posted) == 1


@pytest.mark.parametrize("encrypted", [False, True])
def test_through_a_proxy(send: Send, httpd: Start, authority: Path, encrypted: bool) -> None:
    server = httpd(context=server_side(authority) if encrypted else None)
    with Proxy() as proxy:
        send(_settings(server, proxy=f"http://127.0.0.1:{proxy.port}", ca=authority / "ca.pem"))
    line = f"CONNECT 127.0.0.1:{server.port}" if encrypted else f"POST {server.url}"
    assert [asked.rpartition(" ")[0] for asked in proxy.asked] == [line]
    assert len(server.posted) == 1


def test_a_secret_is_there_or_it_is_said_what_is_missing(send: Send, httpd: Start, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.write_text("\n", encoding="utf-8")
    for reference, reason in (("env:NOT_SET_HERE", "secret-not-set"), (f"file:{empty}", "secret-empty")):
        with pytest.raises(SecretUnusable, match=reason):
            send(_settings(httpd(), secret=reference))

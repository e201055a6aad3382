"""The robots of DingTalk, WeCom and Feishu against a server that answers as their documents say."""

import base64
import hmac
from collections.abc import Callable
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest

from correlation.notifying.channels import dingtalk, feishu
from correlation.notifying.errors import DeliveryDeferred, DeliveryRefused
from correlation.notifying.settings import ChannelKind, ChannelSettings
from sensors.event.times import SECOND
from tests.correlation.notifying.channels.conftest import Send
from tests.correlation.notifying.conftest import NOON
from tests.correlation.notifying.httpd import Httpd, Reply

Start = Callable[..., Httpd]
TAKEN = {"dingtalk": {"errcode": 0, "errmsg": "ok"}, "wecom": {"errcode": 0, "errmsg": "ok"}, "feishu": {"code": 0}}
KINDS: tuple[ChannelKind, ...] = ("dingtalk", "wecom", "feishu")


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROBOT_TOKEN", "token/of=robot")
    monkeypatch.setenv("ROBOT_SECRET", "SECof-robot")


def _settings(kind: ChannelKind, server: Httpd, **more: Any) -> ChannelSettings:
    return ChannelSettings("group", kind, url=server.url, token="env:ROBOT_TOKEN", timeout=2.0, **more)


def _server(httpd: Start, kind: ChannelKind) -> Httpd:
    return httpd(usual=Reply(200, orjson.dumps(TAKEN[kind])))


def test_dingtalk_is_signed_in_the_address(send: Send, httpd: Start) -> None:
    server = _server(httpd, "dingtalk")
    message = send(_settings("dingtalk", server, secret="env:ROBOT_SECRET"))
    (posted,) = server.posted
    said = {name: value[0] for name, value in parse_qs(urlsplit(posted.path).query).items()}
    stamp = str(NOON // 1_000_000)
    # As the vendor's own example computes it.
    wanted = base64.b64encode(hmac.new(b"SECof-robot", f"{stamp}\nSECof-robot".encode(), sha256).digest()).decode()
    assert said == {"access_token": "token/of=robot", "timestamp": stamp, "sign": wanted}
    assert posted.json["msgtype"] == "markdown"
    assert posted.json["markdown"] == {"title": message.title, "text": message.bodies["markdown"]}


def test_wecom_has_its_key_in_the_address_and_takes_4096_bytes(send: Send, httpd: Start) -> None:
    server = _server(httpd, "wecom")
    send(_settings("wecom", server))
    (posted,) = server.posted
    assert parse_qs(urlsplit(posted.path).query) == {"key": ["token/of=robot"]}
    assert 0 < len(posted.json["markdown"]["content"].encode()) <= 4_096


def test_feishu_has_its_token_in_the_path_and_is_signed_in_the_body(send: Send, httpd: Start) -> None:
    server = _server(httpd, "feishu")
    message = send(_settings("feishu", server, secret="env:ROBOT_SECRET"))
    (posted,) = server.posted
    assert posted.path == "/hook/token%2Fof%3Drobot"
    stamp = str(NOON // SECOND)
    wanted = base64.b64encode(hmac.new(f"{stamp}\nSECof-robot".encode(), digestmod=sha256).digest()).decode()
    assert (posted.json["timestamp"], posted.json["sign"]) == (stamp, wanted)
    card = posted.json["card"]
    assert card["header"]["title"]["content"] == message.title
    heading, _, text = message.bodies["markdown"].partition("\n\n")
    assert heading.startswith("### ")
    assert card["elements"] == [{"tag": "markdown", "content": text}], "cards know no headings"
    assert len(posted.body) <= 20_000


def test_signatures_are_those_of_other_implementations() -> None:
    # Computed with openssl: printf 'T\nS' | openssl dgst -sha256 -hmac S -binary | base64, and the other way around.
    assert dingtalk.sign("this is secret", "1577262236757") == "hmPWwU+7lVdm3ZZz0r9tSfx0L4Q26jWOZr9+Gs6EZQM="
    assert feishu.sign("demo", "1599360473") == "l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8="


@pytest.mark.parametrize(
    ("kind", "answer", "deferred", "pause"),
    [
        ("dingtalk", {"errcode": 310000, "errmsg": "sign not match"}, False, 0.0),
        ("dingtalk", {"errcode": 130101, "errmsg": "send too fast, exceed 20 times per minute"}, True, 600.0),
        ("dingtalk", {"errcode": -1, "errmsg": "系统繁忙"}, True, 0.0),
        ("wecom", {"errcode": 93000, "errmsg": "invalid webhook url"}, False, 0.0),
        ("wecom", {"errcode": 45009, "errmsg": "api freq out of limit"}, True, 60.0),
        ("feishu", {"code": 19021, "msg": "sign match fail or timestamp is not within one hour"}, False, 0.0),
        ("feishu", {"code": 9499, "msg": "Bad Request"}, False, 0.0),
        ("feishu", {"code": 11232, "msg": "frequency limited"}, True, 60.0),
    ],
)
def test_a_number_in_an_answer_of_200_is_a_failure(  # noqa: PLR0917 - a table
    send: Send, httpd: Start, kind: ChannelKind, answer: dict[str, Any], deferred: bool, pause: float
) -> None:
    server = _server(httpd, kind)
    server.replies.append(Reply(200, orjson.dumps(answer)))
    with pytest.raises(DeliveryDeferred if deferred else DeliveryRefused) as failed:
        send(_settings(kind, server))
    assert failed.value.answer == answer.get("errcode", answer.get("code"))
    assert failed.value.retry_after == pause


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("body", [b"<html>proxy</html>", b"[]", b"{}", b'{"errcode":false,"code":false}', b""])
def test_an_answer_that_says_nothing_is_no_success(send: Send, httpd: Start, kind: ChannelKind, body: bytes) -> None:
    server = _server(httpd, kind)
    server.replies.append(Reply(200, body))
    with pytest.raises(DeliveryDeferred):
        send(_settings(kind, server))

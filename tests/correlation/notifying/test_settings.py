from pathlib import Path
from typing import Any

import pytest

from correlation.notifying.settings import ChannelSettings, NotifySettings, RouteSettings

A_WEBHOOK = ChannelSettings("a", "webhook", url="https://soc.example/hook")
B_WEBHOOK = ChannelSettings("b", "webhook", url="https://soc.example/hook")
A_MAIL: dict[str, Any] = {"host": "mail.example", "sender": "hanwatch@city.example", "to": ("duty@city.example",)}


@pytest.mark.parametrize(
    ("kind", "said", "reason"),
    [
        ("webhook", {}, "needs a url"),
        ("webhook", {"url": "ftp://x"}, "http"),
        ("webhook", {"url": "https://user:word@x/"}, "no user"),
        ("webhook", {"url": "https://x/\r\nHost: y"}, "http"),
        ("webhook", {"url": "https://x:99999/"}, "port from 1"),
        ("webhook", {"url": "https://x/a b"}, "blanks"),
        ("webhook", {"url": "https://x/", "proxy": "https://y"}, "a proxy is"),
        ("dingtalk", {}, "needs a token"),
        ("dingtalk", {"token": "env:HANWATCH_TOKEN"}, "choose another name"),
        ("mail", {}, "needs a host"),
        ("mail", A_MAIL | {"to": ()}, "somebody in to"),
        ("mail", A_MAIL | {"to": ("a@b\r\nBcc: c@d",)}, "one line"),
        ("mail", A_MAIL | {"to": ("a@b,c@d",)}, "no address"),
        ("mail", A_MAIL | {"user": "u"}, "belong together"),
        ("mail", A_MAIL | {"user": "u", "secret": "env:X", "security": "none"}, "not sent without"),
        ("syslog", {}, "needs a host"),
        ("syslog", {"host": "x", "port": 70_000}, "port"),
    ],
)
def test_what_cannot_work_is_refused(kind: Any, said: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        ChannelSettings("c", kind, **said)


def test_a_secret_that_was_written_out_does_not_come_back_in_the_error() -> None:
    with pytest.raises(ValueError, match="only named") as refused:
        ChannelSettings("c", "dingtalk", token="SECabcdef")
    assert "SECabcdef" not in str(refused.value)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"routes": (RouteSettings("r", ("b",)),)}, "channel that is not there"),
        ({"channels": (A_WEBHOOK, A_WEBHOOK)}, "two channels"),
        ({"routes": (RouteSettings("r", ("a",), template="x"),)}, "names no folder"),
        ({"zone": "Mars/Base"}, "no such zone"),
        ({"link": "https://console.example"}, r"\{id\}"),
    ],
)
def test_settings_fit_together(said: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        NotifySettings(**{"channels": (A_WEBHOOK,), **said})


@pytest.mark.parametrize("hours", ["8-18", "08:30", "08:00-08:00", "08:00-25:00", "always"])
def test_hours_have_one_form(hours: str) -> None:
    with pytest.raises(ValueError, match="hours are written"):
        RouteSettings("r", ("a",), hours=hours)


def test_a_template_is_a_folder_and_no_path() -> None:
    with pytest.raises(ValueError, match="name of a folder"):
        RouteSettings("r", ("a",), template="../secrets")
    NotifySettings((A_WEBHOOK,), (RouteSettings("r", ("a",), template="short"),), templates=Path("/etc/hanwatch"))

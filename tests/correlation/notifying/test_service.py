"""From a recorded alert to what a real server received."""

from collections.abc import Callable
from pathlib import Path

import pytest

from correlation.alerts.book import AlertBook
from correlation.notifying.service import Notifier
from correlation.notifying.settings import ChannelSettings, NotifySettings, RouteSettings
from tests.correlation.notifying.conftest import an_alert, server_side
from tests.correlation.notifying.httpd import Httpd
from tests.correlation.notifying.smtpd import Smtpd

Start = Callable[..., Notifier]


def test_a_recorded_alert_reaches_a_webhook_and_a_mailbox(  # noqa: PLR0917 - what it stands between
    book: AlertBook, notifier: Start, httpd: Callable[..., Httpd], smtpd: Callable[..., Smtpd], authority: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("MAIL_PASSWORD", "correct horse")
    hook = httpd()
    mail = smtpd(context=server_side(authority), users={"hanwatch": "correct horse"})
    settings = NotifySettings(
        channels=(
            ChannelSettings("soc", "webhook", url=hook.url),
            ChannelSettings(
                "duty", "mail", host="127.0.0.1", port=mail.port, user="hanwatch", secret="env:MAIL_PASSWORD",
                sender="hanwatch@city.example", to=("duty@city.example",), ca=authority / "ca.pem",
            ),
        ),
        routes=(RouteSettings("all", ("soc", "duty")),),
    )  # fmt: skip
    alert = an_alert()
    book.record([alert])
    notifier(settings).drain()
    (posted,) = hook.posted
    assert posted.json["topics"][0]["alerts"] == [alert.id]
    assert posted.headers["Idempotency-Key"] == posted.json["id"]
    (received,) = mail.received
    assert (received.encrypted, received.user) == (True, "hanwatch")
    assert "ThinkPHP 代码执行" in str(received.message["Subject"])
    notifier(settings).drain()
    assert (len(hook.posted), len(mail.received)) == (1, 1), "a start later nothing is told again"

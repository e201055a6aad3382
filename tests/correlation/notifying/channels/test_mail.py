"""Mail to a real SMTP server, with what can go wrong there."""

from collections.abc import Callable
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from correlation.notifying.channel import Message
from correlation.notifying.channels.mail import BOUNDS, compose
from correlation.notifying.errors import DeliveryDeferred, DeliveryRefused
from correlation.notifying.rendering import Renderer
from correlation.notifying.sample import sample_notice
from correlation.notifying.settings import ChannelSettings, NotifySettings
from tests.correlation.conftest import server_side
from tests.correlation.notifying.channels.conftest import Send
from tests.correlation.notifying.conftest import NOON
from tests.correlation.notifying.smtpd import Smtpd

Start = Callable[..., Smtpd]
A, B = "a@city.example", "b@city.example"


def _settings(server: Smtpd, **more: Any) -> ChannelSettings:
    usual = {"host": "127.0.0.1", "port": server.port, "security": "none", "sender": "hanwatch@city.example"}
    return ChannelSettings("duty", "mail", **{**usual, "to": (A, B), "timeout": 2.0, **more})


def test_a_mail_is_read_as_it_was_meant(send: Send, smtpd: Start) -> None:
    server = smtpd()
    message = send(_settings(server))
    (received,) = server.received
    mail = received.message
    assert (received.sender, received.to) == ("hanwatch@city.example", [A, B])
    assert str(mail["Subject"]) == message.title == "[hanwatch] 高：示例：门户网站代码执行 portal-1 203.0.113.199"
    assert mail["Message-ID"] == f"<{message.id}@city.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    text, html = mail.iter_parts()
    assert text.get_content().splitlines() == message.bodies["text"].splitlines()
    assert html.get_content().splitlines() == message.bodies["html"].splitlines()
    assert "<script>" in text.get_content()
    assert "<script>" not in html.get_content()
    assert all(len(line) <= 998 for line in received.data.splitlines()), "RFC 5322, section 2.1.1"


@pytest.mark.parametrize("at_once", [False, True])
def test_encrypted_and_let_in(
    send: Send, smtpd: Start, authority: Path, monkeypatch: pytest.MonkeyPatch, at_once: bool
) -> None:
    monkeypatch.setenv("MAIL_PASSWORD", "word-of-mail")
    server = smtpd(context=server_side(authority), users={"us": "word-of-mail"}, at_once=at_once)
    security = "tls" if at_once else "starttls"
    who = {"user": "us", "secret": "env:MAIL_PASSWORD", "ca": authority / "ca.pem"}
    send(_settings(server, security=security, **who))
    assert [(one.encrypted, one.user) for one in server.received] == [(True, "us")]


@pytest.mark.parametrize(("certificate", "ca"), [("server", None), ("other", "ca.pem")])
def test_nothing_is_said_to_a_server_that_is_not_trusted(
    send: Send, smtpd: Start, authority: Path, certificate: str, ca: str | None
) -> None:
    server = smtpd(context=server_side(authority, certificate))
    with pytest.raises(DeliveryDeferred, match="TLS"):
        send(_settings(server, security="starttls", ca=None if ca is None else authority / ca))
    assert server.received == []


def test_without_starttls_nothing_is_sent_in_the_clear(send: Send, smtpd: Start) -> None:
    server = smtpd()
    with pytest.raises(DeliveryRefused, match="mail-not-offered"):
        send(_settings(server, security="starttls"))
    assert server.received == []


@pytest.mark.parametrize(
    ("verb", "answer", "kind"),
    [
        ("CONNECT", "421 4.3.2 come back later", DeliveryDeferred),
        ("CONNECT", "554 5.7.1 not you", DeliveryRefused),
        ("MAIL", "451 4.3.0 no room", DeliveryDeferred),
        ("MAIL", "550 5.7.1 no", DeliveryRefused),
        ("DATA", "421 4.3.2 closing", DeliveryDeferred),
        ("END", "452 4.3.1 disk full", DeliveryDeferred),
        ("END", "554 5.6.0 spam", DeliveryRefused),
        ("MAIL", "RESET", DeliveryDeferred),
        ("END", "RESET", DeliveryDeferred),
    ],
)
def test_what_may_pass_is_told_from_what_will_not(
    send: Send, smtpd: Start, verb: str, answer: str, kind: type[Exception]
) -> None:
    server = smtpd(answers={verb: [answer]})
    with pytest.raises(kind) as failed:
        send(_settings(server))
    if answer != "RESET":
        assert str(failed.value.answer) == answer[:3]  # type: ignore[attr-defined]
    assert server.received == []
    send(_settings(server))
    assert len(server.received) == 1, "and the next attempt goes through"


def test_a_password_that_is_refused_is_not_tried_again(
    send: Send, smtpd: Start, authority: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAIL_PASSWORD", "old-word")
    server = smtpd(context=server_side(authority), users={"us": "new-word"})
    who = {"user": "us", "secret": "env:MAIL_PASSWORD", "ca": authority / "ca.pem", "security": "starttls"}
    with pytest.raises(DeliveryRefused) as failed:
        send(_settings(server, **who))
    assert failed.value.answer == 535


def test_recipients_who_have_it_do_not_get_it_again(send: Send, smtpd: Start) -> None:
    server = smtpd(mailboxes={B: "450 4.2.1 busy"})
    with pytest.raises(DeliveryDeferred) as failed:
        send(_settings(server))
    assert failed.value.left == (B,)
    server.mailboxes.clear()
    send(_settings(server), only=failed.value.left)
    assert [one.to for one in server.received] == [[A], [B]]


def test_a_recipient_who_does_not_exist_is_told_and_the_other_has_it(send: Send, smtpd: Start) -> None:
    server = smtpd(mailboxes={B: "550 5.1.1 nobody"})
    with pytest.raises(DeliveryRefused, match="nobody") as failed:
        send(_settings(server))
    assert failed.value.left == (B,)
    assert [one.to for one in server.received] == [[A]]


def test_nobody_listens(send: Send, closed_port: int) -> None:
    settings = ChannelSettings(
        "duty", "mail", host="127.0.0.1", port=closed_port, security="none", sender="h@city.example", to=(A,)
    )
    with pytest.raises(DeliveryDeferred, match="net-refused"):
        send(settings)


@settings(max_examples=60)
@given(st.text(st.one_of(st.characters(), st.sampled_from("\r\n:<>@, =?中")), max_size=300))
def test_no_value_becomes_a_header_or_a_recipient(text: str) -> None:
    notice = sample_notice("alert", "duty", "night", NOON)
    topic = replace(notice.topics[0], title_zh=text, title=text, entities={"host.name": text})
    message = Renderer(NotifySettings()).message(replace(notice, topics=(topic,)), BOUNDS)
    made = compose(message, "h@city.example", (A,))
    read = message_from_bytes(made.as_bytes(), policy=SMTP)
    assert isinstance(read, EmailMessage)
    assert set(read.keys()) == {
        "Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted", "X-Hanwatch-Level", "MIME-Version",
        "Content-Type",
    }  # fmt: skip
    assert read["To"] == A
    assert len(list(read.iter_parts())) == 2


def test_a_title_cannot_bring_headers_of_its_own(send: Send, smtpd: Start) -> None:
    message = send(_settings(smtpd()))
    hostile = Message(message.id, "x\r\nBcc: evil@example.org", message.bodies, message.notice)
    with pytest.raises(ValueError, match="linefeed"):
        compose(hostile, "h@city.example", (A,))

from pathlib import Path

import pytest

from sensors.capture.handshakes import client_hello
from tests.sensors.capture import frames as made
from tests.sensors.capture.protocols.dialogues import Dialogue, own, told

HEADER = (
    b"Received: from pc.example by mx.example; Fri, 2 Jan 2026 08:00:00 +0800\r\n"
    b'From: "Office, Records" <records@city.example>\r\n'
    b"To: a@b.example,\r\n c@d.example\r\nDate: Fri, 2 Jan 2026 08:00:00 +0800\r\n"
    b"Subject: =?gb2312?B?sru2rw==?= today\r\nMessage-ID: <1@city.example>\r\nX-Mailer: Written by hand\r\n"
    b"Content-Type: Text/Plain; charset=utf-8\r\n\r\n"
)
DIALOGUE = Dialogue(2_526, (
    (False, b"220-mx.example welcomes\r\n220 you: ESMTP\r\n"),
    (True, b"EHLO pc.example\r\n"),
    (False, b"250-mx.example\r\n250-SIZE 1000\r\n250 STARTTLS\r\n"),
    (True, b"AUTH PLAIN AHVzZXIAc2VjcmV0\r\n"),
    (False, b"535 5.7.8 no\r\n"),
    (True, b"MAIL FROM:<records@city.example> SIZE=10\r\n"),
    (False, b"250 ok\r\n"),
    (True, b"RCPT TO:<a@b.example>\r\n"),
    (False, b"250 ok\r\n"),
    (True, b"RCPT TO: c@d.example\r\n"),
    (False, b"550 5.1.1 nobody\r\n"),
    (True, b"DATA\r\n"),
    (False, b"354 go on\r\n"),
    (True, HEADER + b"Hello\r\n.\r\n"),
    (False, b"250 2.0.0 queued as 7\r\n"),
    (True, b"QUIT\r\n"),
    (False, b"221 bye\r\n"),
))


@pytest.mark.parametrize("size", [60_000, 300])
def test_a_mail_is_one_event_of_its_commands_their_replies_and_its_header(tmp_path: Path, size: int) -> None:
    mail, auth = sorted(told(tmp_path, "network.smtp", *DIALOGUE.packets(size)), key=lambda one: "smtp.command" in one)
    assert own(auth, "smtp.") == {
        "command": "AUTH", "auth_mechanism": "PLAIN", "reply_code": 535, "reply": "5.7.8 no",
    }
    assert own(mail, "smtp.") == {
        "trans_depth": 1, "helo": "pc.example", "extensions": ["SIZE 1000", "STARTTLS"],
        "mailfrom": "records@city.example", "rcptto": ["a@b.example", "c@d.example"],
        "rcptto_refused": ["c@d.example"], "reply_code": 250, "reply": "2.0.0 queued as 7",
        "from": '"Office, Records" <records@city.example>', "to": ["a@b.example", "c@d.example"],
        "date": "Fri, 2 Jan 2026 08:00:00 +0800",
    }
    assert (mail["event.outcome"], auth["event.outcome"]) == ("success", "failure")
    assert own(mail, "email.") == {
        "from.address": ["records@city.example"], "to.address": ["a@b.example", "c@d.example"],
        "subject": "不动 today", "message_id": "1@city.example", "x_mailer": "Written by hand",
        "origination_timestamp": "2026-01-02T00:00:00Z", "content_type": "text/plain",
    }
    assert mail["event.duration"] > 0


def test_commands_that_are_sent_together_find_their_replies_in_order(tmp_path: Path) -> None:
    steps = (
        (True, b"MAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n"),
        (False, b"250 ok\r\n250 ok\r\n550 5.1.1 nobody\r\n354 go on\r\n"),
        (True, b"no header here\r\n.\r\n"),
        (False, b"451 later\r\n"),
    )
    (mail,) = told(tmp_path, "network.smtp", *Dialogue(25, steps).packets())
    assert own(mail, "smtp.") == {
        "trans_depth": 1, "mailfrom": "", "rcptto": ["a@b.example", "c@d.example"], "rcptto_refused": ["c@d.example"],
        "reply_code": 451, "reply": "later",
    }
    assert mail["event.outcome"] == "failure"


def test_nothing_of_what_a_client_proves_itself_with_is_kept(tmp_path: Path) -> None:
    steps = (
        (False, b"220 mx ESMTP\r\n"), (True, b"EHLO a\r\n"), (False, b"250 AUTH LOGIN\r\n"), (True, b"AUTH LOGIN\r\n"),
        (False, b"334 VXNlcm5hbWU6\r\n"), (True, b"c2VjcmV0bmFtZQ==\r\n"), (False, b"334 UGFzc3dvcmQ6\r\n"),
        (True, b"SECRET\r\n"), (False, b"235 2.7.0 welcome\r\n"), (True, b"AUTH PLAIN SECRET\r\n"),
    )
    events = told(tmp_path, "network.smtp", *Dialogue(587, steps).packets())
    assert [(event.get("smtp.command"), event.get("smtp.reply_code")) for event in events] == [
        (None, 250), ("AUTH", 235), ("AUTH", None),
    ]
    assert "SECRET" not in str(events).upper()
    assert "c2VjcmV0" not in str(events)


def test_tls_that_follows_starttls_is_read(tmp_path: Path) -> None:
    steps = (
        (False, b"220 mx ESMTP\r\n"), (True, b"EHLO a\r\n"), (False, b"250 STARTTLS\r\n"), (True, b"STARTTLS\r\n"),
        (False, b"220 2.0.0 go ahead\r\n"), (True, client_hello("mx.example")),
    )
    packets = Dialogue(25, steps).packets()
    (event,) = told(tmp_path, "network.smtp", *packets)
    assert (event["smtp.helo"], event["smtp.tls"], event["smtp.reply_code"]) == ("a", True, 220)
    (tls,) = told(tmp_path, "network.tls", *packets)
    assert tls["tls.client.server_name"] == "mx.example"


def test_what_a_mail_says_is_no_command(tmp_path: Path) -> None:
    body = b"NOTE that this is text\r\nRCPT of goods\r\nhttp://a.example/\r\n\r\nSee: above\r\n\r\n.\r\n"
    steps = (
        (False, b"220 mx ESMTP\r\n"), (True, b"DATA\r\n"), (False, b"354 go on\r\n"), (True, body),
        (False, b"250 ok\r\n"),
    )
    (event,) = told(tmp_path, "network.smtp", *Dialogue(25, steps).packets())
    assert own(event, "smtp.") == {"trans_depth": 1, "reply_code": 250, "reply": "ok"}


def test_other_servers_that_greet_alike_are_left_alone(tmp_path: Path) -> None:
    for greeting in (b"220 ready\r\n", b"220 FTP ready\r\n", b"220 \xff\xfe\r\n"):
        packets = Dialogue(4_000, ((False, greeting), (True, b"STAT\r\n"))).packets()
        assert not told(tmp_path, "network.smtp", *packets)


def test_many_recipients_are_bounded_and_marked(tmp_path: Path) -> None:
    many = b", ".join(b"p%d@b.example" % number for number in range(100))
    header = b"From: a@b.example\r\nDate: today\r\nTo: " + many + b"\r\n\r\n"
    packets = Dialogue(25, ((True, header),)).packets()
    (event,) = told(tmp_path, "network.smtp", *packets)
    assert (len(event["email.to.address"]), event["smtp.incomplete"]) == (64, True)
    assert "email.origination_timestamp" not in event


def test_a_header_that_never_ends_is_told_as_far_as_it_is_there(tmp_path: Path) -> None:
    header = b"From: a@b.example\r\nSubject: x\r\n" + b"X-Long: y\r\n" * 3_000
    segments = [(True, at, part) for at, part in made.pieces(header, 1_000)]
    (event,) = told(tmp_path, "network.smtp", *made.conversation(*segments, dport=25))
    assert event["email.from.address"] == ["a@b.example"]


def answered(*commands: bytes, reply: bytes = b"250 ok\r\n") -> list[tuple[bool, bytes]]:
    return [step for command in commands for step in ((True, command), (False, reply))]


SENT = (b"MAIL FROM:<a@b.example>\r\n", b"RCPT TO:<c@d.example>\r\n")


def test_each_mail_of_a_connection_is_an_event_and_a_farewell_is_none(tmp_path: Path) -> None:
    steps = (
        (False, b"220 mx ESMTP\r\n"), *answered(b"HELO pc\r\n"), *answered(*SENT, b"DATA\r\n"),
        *answered(*SENT, b"RSET\r\n"), *answered(b"MAIL FROM:<e@f.example>\r\n", b"BDAT 5\r\nhello"),
        *answered(b"BDAT 0 LAST\r\n"), (True, b"NOOP\r\n"), (False, b"250 ok\r\n"), (True, b"QUIT\r\n"),
        (False, b"221 bye\r\n"),
    )
    events = told(tmp_path, "network.smtp", *Dialogue(25, steps).packets())
    assert [
        (event["smtp.trans_depth"], event["smtp.helo"], event["smtp.mailfrom"], event["event.outcome"])
        for event in events
    ] == [
        (1, "pc", "a@b.example", "success"), (2, "pc", "a@b.example", "failure"), (3, "pc", "e@f.example", "success"),
    ]


def chunk(octets: bytes, last: bytes = b"") -> bytes:
    return b"BDAT %d%s\r\n" % (len(octets), last) + octets


@pytest.mark.parametrize("size", [60_000, 7])
def test_chunks_are_passed_over_by_their_size_whatever_stands_in_them(tmp_path: Path, size: int) -> None:
    text = b"QUIT\r\nMAIL FROM:<x@y.example>\r\nFrom: nobody\r\n\r\n354 what?\r\n"
    sent = chunk(HEADER + text) + chunk(text + b"no line's end") + chunk(text, b" LAST")
    again = b"".join(SENT) + chunk(b"Subject: second\r\nFrom: e@f.example\r\n\r\n" + text, b" LAST") + b"QUIT\r\n"
    steps = (
        (False, b"220 mx ESMTP\r\n"), *answered(b"EHLO pc\r\n"), (True, b"".join(SENT) + sent + again),
        (False, b"250 ok\r\n" * 8 + b"221 bye\r\n"),
    )
    first, second = told(tmp_path, "network.smtp", *Dialogue(25, steps).packets(size))
    assert (first["email.subject"], first["email.message_id"]) == ("不动 today", "1@city.example")
    assert second["email.subject"] == "second"
    for depth, event in enumerate((first, second), 1):
        assert (event["smtp.trans_depth"], event["smtp.mailfrom"]) == (depth, "a@b.example")
        assert (event["smtp.rcptto"], event["event.outcome"]) == (["c@d.example"], "success")


@pytest.mark.parametrize("line", [b"BDAT 0 LAST\r\n", b"bdat 2 last\r\n\r\n", b"BDAT 12345678901 LAST\r\n"])
def test_a_chunk_without_octets_or_whose_size_is_not_believed_is_a_line(tmp_path: Path, line: bytes) -> None:
    steps = ((False, b"220 mx ESMTP\r\n"), *answered(b"EHLO pc\r\n", *SENT, line, b"QUIT\r\n"))
    (event,) = told(tmp_path, "network.smtp", *Dialogue(25, steps).packets())
    assert (event["smtp.mailfrom"], event["smtp.reply_code"]) == ("a@b.example", 250)


@pytest.mark.parametrize("line", [b"BDAT x\r\n", b"BDAT 5 X\r\n", b"BDAT\r\n", b"BDAT 5 LASTING\r\n"])
def test_behind_a_chunk_that_a_server_refuses_to_read_commands_go_on(tmp_path: Path, line: bytes) -> None:
    steps = (
        (False, b"220 mx ESMTP\r\n"), *answered(b"EHLO pc\r\n"), (True, line + b"".join(SENT) + b"DATA\r\n"),
        (False, b"501 no chunk\r\n250 ok\r\n250 ok\r\n354 go on\r\n"), *answered(HEADER + b".\r\n"),
    )
    (event,) = told(tmp_path, "network.smtp", *Dialogue(25, steps).packets())
    assert (event["smtp.mailfrom"], event["email.subject"]) == ("a@b.example", "不动 today")
    assert event["event.outcome"] == "success"


def test_a_mail_that_was_given_up_is_told_as_far_as_it_came(tmp_path: Path) -> None:
    greeting = (False, b"220 mx ESMTP\r\n")
    for steps in (
        (greeting, *answered(b"HELO pc\r\n", *SENT)), (greeting, *answered(b"HELO pc\r\n", *SENT), (True, b"DATA\r\n")),
        (greeting, *answered(b"HELO pc\r\n", *SENT), (False, b"421 closing\r\n")),
        (greeting, *answered(b"HELO pc\r\n", *SENT), *answered(b"QUIT\r\n", reply=b"221 bye\r\n")),
    ):
        (event,) = told(tmp_path, "network.smtp", *Dialogue(25, steps).packets())
        assert (event["smtp.mailfrom"], event["smtp.rcptto"]) == ("a@b.example", ["c@d.example"])
        assert event["event.outcome"] == "failure"
        assert event["smtp.reply_code"] == (421 if steps[-1][1].startswith(b"421") else 250)


def test_a_connection_without_a_mail_is_one_event_and_a_refusal_another(tmp_path: Path) -> None:
    greeting = (False, b"220 mx ESMTP\r\n")
    steps = (greeting, *answered(b"EHLO pc\r\n"), *answered(b"QUIT\r\n", reply=b"221 bye\r\n"))
    (event,) = told(tmp_path, "network.smtp", *Dialogue(25, steps).packets())
    assert own(event, "smtp.") == {"trans_depth": 1, "helo": "pc", "reply_code": 250, "reply": "ok"}
    assert "event.outcome" not in event
    assert not told(tmp_path, "network.smtp", *Dialogue(25, (greeting,)).packets())
    (event,) = told(tmp_path, "network.smtp", *Dialogue(25, ((False, b"554 go away\r\n"),)).packets())
    assert (event["smtp.reply_code"], event["event.outcome"]) == (554, "failure")


def test_asking_who_is_known_is_an_event_of_its_own(tmp_path: Path) -> None:
    steps = (
        (False, b"220 mx ESMTP\r\n"), *answered(b"HELO pc\r\n"), *answered(b"VRFY root\r\n", reply=b"252 maybe\r\n"),
        *answered(b"EXPN staff\r\n", reply=b"550 no\r\n"), *answered(*SENT, b"DATA\r\n"),
    )
    events = told(tmp_path, "network.smtp", *Dialogue(25, steps).packets())
    assert [(event.get("smtp.command"), event.get("smtp.argument"), event["smtp.reply_code"]) for event in events] == [
        (None, None, 250), ("VRFY", "root", 252), ("EXPN", "staff", 550),
    ]


def test_mails_that_are_sent_together_are_told_apart_and_a_refused_greeting_changes_nothing(tmp_path: Path) -> None:
    header = b"From: a@b.example\r\nDate: today\r\n\r\nhello\r\n.\r\n"
    steps = (
        (False, b"220 mx ESMTP\r\n"), *answered(b"EHLO pc\r\n"), (True, b"".join(SENT) + b"DATA\r\n"),
        (False, b"250 ok\r\n250 ok\r\n354 go\r\n"), (True, header),
        (True, b"MAIL FROM:<e@f.example>\r\nRCPT TO:<g@h.example>\r\n"), (False, b"250 one\r\n250 ok\r\n250 ok\r\n"),
        *answered(b"EHLO other\r\n", reply=b"503 no\r\n"), *answered(b"DATA\r\n", reply=b"354 go\r\n"),
        (True, header), (False, b"250 two\r\n"),
    )
    events = told(tmp_path, "network.smtp", *Dialogue(25, steps).packets())
    assert [
        (one["smtp.helo"], one["smtp.mailfrom"], one["smtp.rcptto"], one["smtp.reply"], one["event.outcome"])
        for one in events
    ] == [
        ("pc", "a@b.example", ["c@d.example"], "one", "success"),
        ("pc", "e@f.example", ["g@h.example"], "two", "success"),
    ]

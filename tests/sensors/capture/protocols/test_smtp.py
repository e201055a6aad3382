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
def test_each_command_is_told_with_its_reply_and_a_mail_with_its_header(tmp_path: Path, size: int) -> None:
    events = told(tmp_path, "network.smtp", *DIALOGUE.packets(size))
    said = [own(event, "smtp.") for event in events]
    assert [(one.get("command"), one.get("reply_code")) for one in said] == [
        (None, 220), ("EHLO", 250), ("AUTH", 535), ("MAIL", 250), ("RCPT", 250), ("RCPT", 550), ("DATA", 250),
        ("DATA", None), ("QUIT", 221),
    ]
    greeting, hello, auth, sender, receiver, refused, data, header, _ = said
    assert greeting["reply"] == "mx.example welcomes you: ESMTP"
    assert (hello["helo"], hello["extensions"]) == ("pc.example", ["SIZE 1000", "STARTTLS"])
    assert auth["auth_mechanism"] == "PLAIN"
    assert (sender["mailfrom"], receiver["rcptto"], refused["rcptto"]) == (
        "records@city.example", ["a@b.example"], ["c@d.example"],
    )
    assert events[5]["event.outcome"] == "failure"
    assert data["reply"] == "2.0.0 queued as 7"
    assert header["from"] == '"Office, Records" <records@city.example>'
    assert own(events[7], "email.") == {
        "from.address": ["records@city.example"], "to.address": ["a@b.example", "c@d.example"],
        "subject": "不动 today", "message_id": "1@city.example", "x_mailer": "Written by hand",
        "origination_timestamp": "2026-01-02T00:00:00Z", "content_type": "text/plain",
    }


def test_commands_that_are_sent_together_find_their_replies_in_order(tmp_path: Path) -> None:
    steps = (
        (True, b"MAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n"),
        (False, b"250 ok\r\n250 ok\r\n550 5.1.1 nobody\r\n354 go on\r\n"),
        (True, b"no header here\r\n.\r\n"),
        (False, b"451 later\r\n"),
    )
    events = told(tmp_path, "network.smtp", *Dialogue(25, steps).packets())
    said = {
        (event["smtp.command"], *event.get("smtp.rcptto", ()), event["smtp.reply_code"]) for event in events
    }
    assert said == {("MAIL", 250), ("RCPT", "a@b.example", 250), ("RCPT", "c@d.example", 550), ("DATA", 451)}


def test_nothing_of_what_a_client_proves_itself_with_is_kept(tmp_path: Path) -> None:
    steps = (
        (False, b"220 mx ESMTP\r\n"), (True, b"EHLO a\r\n"), (False, b"250 AUTH LOGIN\r\n"), (True, b"AUTH LOGIN\r\n"),
        (False, b"334 VXNlcm5hbWU6\r\n"), (True, b"c2VjcmV0bmFtZQ==\r\n"), (False, b"334 UGFzc3dvcmQ6\r\n"),
        (True, b"SECRET\r\n"), (False, b"235 2.7.0 welcome\r\n"), (True, b"AUTH PLAIN SECRET\r\n"),
    )
    events = told(tmp_path, "network.smtp", *Dialogue(587, steps).packets())
    assert [(event.get("smtp.command"), event.get("smtp.reply_code")) for event in events] == [
        (None, 220), ("EHLO", 250), ("AUTH", 235), ("AUTH", None),
    ]
    assert "SECRET" not in str(events).upper()
    assert "c2VjcmV0" not in str(events)


def test_tls_that_follows_starttls_is_read(tmp_path: Path) -> None:
    steps = (
        (False, b"220 mx ESMTP\r\n"), (True, b"EHLO a\r\n"), (False, b"250 STARTTLS\r\n"), (True, b"STARTTLS\r\n"),
        (False, b"220 2.0.0 go ahead\r\n"), (True, client_hello("mx.example")),
    )
    packets = Dialogue(25, steps).packets()
    assert told(tmp_path, "network.smtp", *packets)[-1]["smtp.command"] == "STARTTLS"
    (tls,) = told(tmp_path, "network.tls", *packets)
    assert tls["tls.client.server_name"] == "mx.example"


def test_what_a_mail_says_is_no_command(tmp_path: Path) -> None:
    body = b"NOTE that this is text\r\nRCPT of goods\r\nhttp://a.example/\r\n\r\nSee: above\r\n\r\n.\r\n"
    steps = (
        (False, b"220 mx ESMTP\r\n"), (True, b"DATA\r\n"), (False, b"354 go on\r\n"), (True, body),
        (False, b"250 ok\r\n"),
    )
    events = told(tmp_path, "network.smtp", *Dialogue(25, steps).packets())
    assert [event.get("smtp.command") for event in events] == [None, "DATA"]


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

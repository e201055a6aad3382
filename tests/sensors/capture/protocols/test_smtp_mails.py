"""Mails out of commands and replies in any order: bounded, and never more of them than were begun."""

from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sensors.capture.protocols.model import Context, Message, NotThis, Side
from sensors.capture.protocols.replies import LINES
from sensors.capture.protocols.smtp import parse
from sensors.capture.protocols.smtp_mails import MOST_COMMANDS, MOST_DIALOGUES, Mails

LINE = st.sampled_from([
    b"EHLO a\r\n", b"HELO b\r\n", b"MAIL FROM:<a@b.example>\r\n", b"MAIL FROM:\r\n", b"RCPT TO:<c@d.example>\r\n",
    b"DATA\r\n", b"BDAT 1\r\n", b"BDAT 0 LAST\r\n", b"RSET\r\n", b"QUIT\r\n", b"NOOP\r\n", b"AUTH PLAIN\r\n",
    b"VRFY x\r\n", b"STARTTLS\r\n", b"From: a@b.example\r\nDate: today\r\n\r\n", b"220 mx\r\n", b"250 ok\r\n",
    b"250-mx\r\n250 SIZE\r\n", b"354 go\r\n", b"421 no\r\n", b"550 no\r\n", b"221 bye\r\n",
])


def read(octets: bytes) -> Message:
    return parse(octets, Context(LINES, sender_port=25))


@settings(max_examples=500, derandomize=True)
@given(lines=st.lists(st.tuples(st.integers(0, 2), st.one_of(LINE, st.binary(max_size=40))), max_size=60))
def test_whatever_is_said_an_answer_ends_what_began_before_it(lines: list[tuple[int, bytes]]) -> None:
    mails = Mails()
    begun: dict[int, Counter[object]] = {}
    for talk, octets in lines:
        try:
            message = read(octets)
        except NotThis:
            continue
        taken = mails.take(talk, message)
        known = begun.setdefault(talk, Counter())
        if taken.side is Side.ASKS:
            known[taken.key] += 1
        elif taken.side is Side.ANSWERS:
            known[taken.key] -= 1
            assert known[taken.key] >= 0
            assert "smtp.trans_depth" in taken.fields or "smtp.reply_code" in taken.fields
    for talk, keys in begun.items():
        dialogue = mails._dialogues[talk]
        assert keys["smtp.trans_depth"] == len(dialogue.mails)
        for depth in dialogue.mails:
            assert "smtp.trans_depth" not in mails.see(talk, {"smtp.trans_depth": depth})
    mails.forget(np.arange(3))
    assert not mails._dialogues


def test_dialogues_and_their_commands_are_bounded() -> None:
    mails = Mails()
    for talk in range(MOST_DIALOGUES + 10):
        mails.take(talk, read(b"MAIL FROM:<a@b.example>\r\n"))
    assert (len(mails._dialogues), mails.given_up) == (MOST_DIALOGUES, 10)
    last = MOST_DIALOGUES + 9
    for number in range(10 * MOST_COMMANDS):
        mails.take(last, read(b"RCPT TO:<p%d@b.example>\r\n" % number))
        mails.take(last, read(b"From: a@b.example\r\nDate: today\r\n\r\n"))
    assert len(mails._dialogues[last].waiting) == MOST_COMMANDS
    told = mails.see(last, {"smtp.trans_depth": 1})
    assert (len(told["smtp.rcptto"]), told["smtp.incomplete"]) == (64, True)


def test_a_conversation_of_another_protocol_is_left_alone() -> None:
    mails = Mails()
    mails.others(1)
    message = read(b"250 ok\r\n")
    assert mails.take(1, message) is message
    mails.take(2, read(b"EHLO a\r\n"))
    mails.others(2)
    assert mails.take(2, message) is not message

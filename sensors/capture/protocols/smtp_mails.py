"""Mails: what the commands and replies of a dialogue of SMTP together say about each mail that is handed over.

RFC 5321 sections 3.3 (mail transactions), 4.1.1 (commands) and 4.1.4 (order of commands), RFC 3030 (BDAT), RFC 3207
(STARTTLS). One event for each mail, as Zeek's smtp.log and Suricata's smtp events have it: from the first command, or
from MAIL behind an earlier mail, to the reply that ends it. What was said before a mail belongs to the first one, and a
dialogue without any mail is an event too. Replies come in the order of their commands (RFC 2920 section 3.1).
"""

from collections import deque
from dataclasses import dataclass, field
from typing import Any, Final

from sensors.capture.compiled import Words
from sensors.capture.protocols.model import MOST_VALUES, Fields, Message, Side

MOST_DIALOGUES: Final = 16_384
"""How many dialogues are remembered; the oldest are forgotten first."""
MOST_COMMANDS: Final = 128
"""How many commands of one wait for their replies."""
HEADER: Final = "header"
"""What a message that is a mail's header has said, and no command."""
LAST: Final = "last"
"""What BDAT has said whose chunk ends a mail."""
MALFORMED: Final = "malformed"
"""What BDAT has said behind which there is no chunk."""

_DEPTH: Final = "smtp.trans_depth"
_GREETS: Final = frozenset({"HELO", "EHLO", "LHLO"})
_BEGINS: Final = _GREETS | {"MAIL", "RCPT", "DATA", "BDAT", "STARTTLS"}
"""Commands that something begins with behind a mail that was handed over."""
_OWN: Final = frozenset({"AUTH", "VRFY", "EXPN"})
"""Commands that are no part of a mail: who somebody is, and whether somebody is known."""
_NOTHING: Final = Message({}, Side.SILENT)


@dataclass(slots=True)
class _Mail:
    """What was said of a mail; nothing more is asked of it once its content or RSET was `sent`."""

    fields: Fields
    sent: bool = False


@dataclass(slots=True)
class _Dialogue:
    """What was said so far: of mails whose end has not come, by depth, and by commands whose replies have not."""

    another: bool = False
    depth: int = 0
    owned: int = 0
    helo: str = ""
    mails: dict[int, _Mail] = field(default_factory=dict)
    waiting: deque[tuple[str, int, Any]] = field(default_factory=lambda: deque(maxlen=MOST_COMMANDS))


class Mails:
    """Dialogues by conversation.

    Attributes:
        given_up: how many were forgotten while a mail was open.
    """

    def __init__(self) -> None:
        """Nothing was said yet."""
        self.given_up = 0
        self._dialogues: dict[int, _Dialogue] = {}

    def take(self, talk: int, message: Message) -> Message:
        """Take a command, a reply or a header of a conversation.

        Returns:
            What it is to be taken for: the first command of a mail waits, the reply that ends the mail has all of it,
            and what is between says nothing; AUTH, VRFY and EXPN are as they are.
        """
        dialogue = self._of(talk)
        if dialogue.another or message.side is Side.SILENT:
            return message
        if message.side is Side.ASKS:
            return _command(dialogue, message)
        return _reply(dialogue, message)

    def others(self, talk: int) -> None:
        """The conversation is another protocol's, unless it was one of SMTP before."""
        if talk not in self._dialogues:
            self._of(talk).another = True

    def see(self, talk: int, fields: Fields) -> Fields:
        """What was said of a mail whose end did not come, for its event that knows its depth alone."""
        dialogue = self._dialogues.get(talk)
        mail = dialogue.mails.get(fields.get(_DEPTH, 0)) if dialogue is not None and len(fields) == 1 else None
        return {} if mail is None else {name: value for name, value in _told(mail).items() if name != _DEPTH}

    def forget(self, talks: Words) -> None:
        """These conversations have ended."""
        if self._dialogues:
            for talk in self._dialogues.keys() & set(talks.tolist()):
                del self._dialogues[talk]

    def _of(self, talk: int) -> _Dialogue:
        dialogue = self._dialogues.get(talk)
        if dialogue is None:
            while len(self._dialogues) >= MOST_DIALOGUES:
                oldest = self._dialogues.pop(next(iter(self._dialogues)))
                self.given_up += bool(oldest.mails)
            dialogue = self._dialogues[talk] = _Dialogue()
        return dialogue


def _command(dialogue: _Dialogue, message: Message) -> Message:
    """Take what a client says."""
    fields, header = message.fields, message.said == HEADER
    command = fields["smtp.command"]
    if command in _OWN:
        dialogue.owned += 1
        key = command, dialogue.owned
        dialogue.waiting.append((command, 0, key))
        return Message(fields, Side.ASKS, key)
    mail = dialogue.mails.get(dialogue.depth)
    # A mail that was sent may still wait for its reply when the next one begins (RFC 2920).
    fresh = mail is None or (mail.sent and command == "MAIL")
    begins = fresh and (command in _BEGINS or not dialogue.depth) and len(dialogue.mails) < MOST_VALUES
    if begins:
        dialogue.depth += 1
        helo = {"smtp.helo": dialogue.helo} if dialogue.helo else {}
        mail = dialogue.mails[dialogue.depth] = _Mail({_DEPTH: dialogue.depth, **helo})
    if (header or command == "BDAT") and mail is not None:
        mail.fields |= {name: value for name, value in fields.items() if name != "smtp.command"}
    if not header:
        asked = None if mail is None else _noted(mail, command, message)
        dialogue.waiting.append((command, dialogue.depth, asked))
    return Message({_DEPTH: dialogue.depth}, Side.ASKS, _DEPTH) if begins else _NOTHING


def _noted(mail: _Mail, command: str, message: Message) -> Any:
    """Note what a command says of a mail; what its reply is judged by."""
    said, fields = message.fields, mail.fields
    mail.sent = mail.sent or command == "DATA" or message.said == LAST or (command == "RSET" and _begun(mail))
    if command in _GREETS:
        fields.setdefault("smtp.helo", said["smtp.helo"])
        return said["smtp.helo"]
    if command == "MAIL":
        fields.setdefault("smtp.mailfrom", said.get("smtp.mailfrom"))
    elif command == "RCPT" and "smtp.rcptto" in said:
        known = fields.get("smtp.rcptto", [])
        if len(known) < MOST_VALUES:
            fields["smtp.rcptto"] = known + said["smtp.rcptto"]
            return said["smtp.rcptto"]
        fields["smtp.incomplete"] = True
    elif command == "BDAT":
        return message.said
    return None


def _begun(mail: _Mail) -> bool:
    """Whether a sender was named."""
    return "smtp.mailfrom" in mail.fields


def _reply(dialogue: _Dialogue, message: Message) -> Message:
    """Take what a server says."""
    code = message.fields["smtp.reply_code"]
    if not dialogue.waiting:
        # A greeting, or what was not asked for: a server that refuses to listen, or does so no longer.
        if code < 400:
            return _NOTHING
        mail = dialogue.mails.get(dialogue.depth)
        if mail is None:
            return Message(message.fields)
        _answered(mail, message)
        return _ended(dialogue, dialogue.depth)
    command, depth, asked = dialogue.waiting.popleft()
    if command in _OWN:
        return Message(message.fields, Side.ANSWERS, asked)
    mail = dialogue.mails.get(depth)
    if mail is None:
        return _NOTHING
    greeted = command in _GREETS and code < 400
    if command == "QUIT" or (_begun(mail) and (command == "RSET" or greeted)):
        # Farewells say less than what was answered before them.
        if "smtp.reply_code" not in mail.fields:
            _answered(mail, message)
        dialogue.helo = asked if greeted else dialogue.helo
        return _ended(dialogue, depth)
    _answered(mail, message)
    if greeted:
        dialogue.helo = mail.fields["smtp.helo"] = asked
        if message.said[1:]:
            mail.fields["smtp.extensions"] = message.said[1:][:MOST_VALUES]
    elif command == "RCPT" and code >= 400 and asked:
        mail.fields["smtp.rcptto_refused"] = mail.fields.get("smtp.rcptto_refused", []) + asked
    elif command == "STARTTLS" and code < 400:
        mail.fields["smtp.tls"] = True
        return _ended(dialogue, depth, done=True)
    handed = command == "DATA" or (command == "BDAT" and asked != MALFORMED and (code >= 400 or asked == LAST))
    return _ended(dialogue, depth, done=code < 400) if handed else _NOTHING


def _answered(mail: _Mail, message: Message) -> None:
    """Note a reply; the last one counts."""
    mail.fields.pop("smtp.reply", None)
    mail.fields |= {name: value for name, value in message.fields.items() if name != "event.outcome"}


def _ended(dialogue: _Dialogue, depth: int, *, done: bool = False) -> Message:
    """What ends a mail, with all that was said of it."""
    return Message(_told(dialogue.mails.pop(depth), done=done), Side.ANSWERS, _DEPTH)


def _told(mail: _Mail, *, done: bool = False) -> Fields:
    """What was said of a mail, and whether it was handed over; a dialogue without one fails only if it was refused."""
    fields = {name: value for name, value in mail.fields.items() if value is not None}
    if done or _begun(mail) or fields.get("smtp.reply_code", 0) >= 400:
        fields["event.outcome"] = "success" if done else "failure"
    return fields

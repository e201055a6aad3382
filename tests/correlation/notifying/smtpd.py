"""A real SMTP server for tests: EHLO, STARTTLS, AUTH PLAIN and LOGIN, answers that a test may script."""

import base64
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from typing import cast


@dataclass
class Received:
    """A mail as it arrived."""

    sender: str
    to: list[str]
    data: bytes
    encrypted: bool
    user: str

    @property
    def message(self) -> EmailMessage:
        return cast("EmailMessage", message_from_bytes(self.data, policy=SMTP))


@dataclass
class Smtpd:
    """Listens on loopback until it is closed; `answers` maps a verb to what is said instead of yes, once each."""

    context: ssl.SSLContext | None = None
    users: dict[str, str] = field(default_factory=dict)
    at_once: bool = False
    """TLS from the first octet on."""
    answers: dict[str, list[str]] = field(default_factory=dict)
    mailboxes: dict[str, str] = field(default_factory=dict)
    """What RCPT of an address is answered with."""
    before: Callable[[str], None] | None = None
    received: list[Received] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.sessions = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.sessions += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        session = None
        try:
            session = _Session(self, connection)
            session.run()
        except (OSError, ValueError):
            pass
        finally:
            if session is not None:
                session.close()
            connection.close()


class _Session:
    def __init__(self, server: Smtpd, connection: socket.socket) -> None:
        self.server = server
        self.encrypted = server.at_once
        self.user = ""
        if server.at_once:
            assert server.context is not None
            connection = server.context.wrap_socket(connection, server_side=True)
        self._use(connection)

    def _use(self, connection: socket.socket) -> None:
        self.connection = connection
        self.file = connection.makefile("rb")

    def close(self) -> None:
        self.file.close()
        self.connection.close()

    def say(self, line: str) -> None:
        self.connection.sendall(line.encode() + b"\r\n")

    def scripted(self, verb: str) -> bool:
        """Say what the test wants instead of yes; RESET breaks the connection as a crash does."""
        if self.server.before:
            self.server.before(verb)
        waiting = self.server.answers.get(verb)
        if not waiting:
            return False
        line = waiting.pop(0)
        if line == "RESET":
            plain = self.connection
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.file.close()
            plain.close()
            raise OSError
        self.say(line)
        return True

    def run(self) -> None:  # noqa: C901, PLR0912 - one branch for each verb
        if self.scripted("CONNECT"):
            return
        self.say("220 mail.example ESMTP")
        sender, to = "", list[str]()
        while line := self.file.readline().decode().strip():
            verb = line.split(" ")[0].upper()
            if self.scripted(verb):
                continue
            if verb == "EHLO":
                self._greet()
            elif verb == "STARTTLS":
                self.say("220 go on")
                assert self.server.context is not None
                self._use(self.server.context.wrap_socket(self.connection, server_side=True))
                self.encrypted = True
            elif verb == "AUTH":
                self._let_in(line)
            elif verb == "MAIL":
                if self.server.users and not self.user:
                    self.say("530 5.7.0 who are you")
                    continue
                sender, to = _address(line), []
                self.say("250 ok")
            elif verb == "RCPT":
                address = _address(line)
                answer = self.server.mailboxes.get(address, "250 ok")
                if answer.startswith("2"):
                    to.append(address)
                self.say(answer)
            elif verb == "DATA":
                self.say("354 go on")
                data = self._data()
                if not self.scripted("END"):
                    self.server.received.append(Received(sender, to, data, self.encrypted, self.user))
                    self.say("250 queued")
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def _greet(self) -> None:
        lines = ["mail.example", "8BITMIME"]
        if self.server.context and not self.encrypted:
            lines.append("STARTTLS")
        if self.server.users and self.encrypted:
            lines.append("AUTH PLAIN LOGIN")
        for line in lines[:-1]:
            self.say(f"250-{line}")
        self.say(f"250 {lines[-1]}")

    def _let_in(self, line: str) -> None:
        _, mechanism, first = line.split(" ")
        if mechanism == "PLAIN":
            _, user, password = base64.b64decode(first).decode().split("\0")
        else:
            user = base64.b64decode(first).decode()
            self.say("334 UGFzc3dvcmQ6")
            password = base64.b64decode(self.file.readline()).decode()
        if self.server.users.get(user) == password:
            self.user = user
            self.say("235 welcome")
        else:
            # Some servers repeat what they were given.
            self.say(f"535 5.7.8 no such password: {password}")

    def _data(self) -> bytes:
        lines = []
        while (line := self.file.readline()) != b".\r\n":
            if not line:
                raise OSError
            lines.append(line.removeprefix(b"."))
        return b"".join(lines)


def _address(line: str) -> str:
    return line.partition("<")[2].partition(">")[0]

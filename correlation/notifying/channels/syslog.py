"""Syslog: RFC 5424 over UDP (RFC 5426), TCP (RFC 6587, octet counting) and TLS (RFC 5425), as words or as CEF.

A digest is one message for each of its topics. Over UDP nobody knows what arrived; over TCP and TLS it was delivered
when everything was written and the other side closed without complaint or stayed silent, for there is no
acknowledgement.
"""

import socket
import ssl
from typing import Final

from correlation.alerts.model import Level
from correlation.connecting import reason_of
from correlation.notifying.channel import Bounds, Message
from correlation.notifying.channels.cef import cef
from correlation.notifying.channels.reaching import authorities, place_of, reach_stream
from correlation.notifying.errors import DeliveryDeferred
from correlation.notifying.escaping import cut, fit, one_line
from correlation.notifying.model import Topic
from correlation.notifying.settings import ChannelSettings, Speech
from sensors.event.times import iso

BOUNDS: Final = Bounds({"title": 300})
FACILITY: Final = 10
"""security/authorization messages (RFC 5424, section 6.2.1)."""
SEVERITIES: Final[dict[Level, int]] = {"informational": 6, "low": 5, "medium": 4, "high": 3, "critical": 2}
_PORTS: Final = {"udp": 514, "tcp": 514, "tls": 6514}
_MOST: Final = {"udp": 2_048, "tcp": 8_192, "tls": 8_192}
"""Receivers should take so many octets: RFC 5424 section 6.1, RFC 5425 section 4.3.1."""
_BOM: Final = "\ufeff"
_LISTEN_SECONDS: Final = 1.0


class Syslog:
    """Sends to one collector."""

    def __init__(self, settings: ChannelSettings, language: Speech, version: str, host: str) -> None:
        self.bounds = BOUNDS
        self.secrets: tuple[str, ...] = ()
        self._settings = settings
        self._language = language
        self._version = version
        self._host = cut("".join(sign for sign in host if "!" <= sign <= "~"), 255) or "-"
        self._port = settings.port or _PORTS[settings.transport]
        self._tls = authorities(settings) if settings.transport == "tls" else None

    def send(self, message: Message) -> None:
        """Send its lines."""
        lines = self.lines(message)
        try:
            if self._settings.transport == "udp":
                self._throw(lines)
            else:
                self._stream(b"".join(b"%d %b" % (len(line), line) for line in lines))
        except OSError as error:
            raise DeliveryDeferred(reason=reason_of(error), answer="") from None

    def reach(self) -> str:
        """Connect; over UDP, see whether the name leads somewhere."""
        host = self._settings.host
        if self._settings.transport == "udp":
            try:
                socket.getaddrinfo(host, self._port, type=socket.SOCK_DGRAM)
            except OSError as error:
                raise DeliveryDeferred(reason=reason_of(error), answer="") from None
            return place_of(host, self._port)
        return reach_stream(host, self._port, self._settings.timeout, self._tls)

    def lines(self, message: Message) -> list[bytes]:
        """One syslog message for each topic."""
        notice = message.notice
        made = []
        for topic in notice.topics:
            priority = FACILITY * 8 + SEVERITIES[topic.level]
            # HEADER and STRUCTURED-DATA: RFC 5424, sections 6.2, 6.3 and 7.2 (origin).
            head = f"<{priority}>1 {iso(notice.created)} {self._host} hanwatch - {notice.kind} "
            head += f'[origin software="hanwatch" swVersion="{self._version}"] '
            room = _MOST[self._settings.transport] - len(head)
            if self._settings.format == "cef":
                title = message.title if notice.kind == "test" else self._title(topic)
                made.append((head + cef(notice, topic, title, self._version, room)).encode())
            else:
                words = message.title if len(notice.topics) == 1 else self._title(topic)
                made.append((head + _BOM + fit(_words(words, topic), room - len(_BOM.encode()), "...")).encode())
        return made

    def _title(self, topic: Topic) -> str:
        return topic.title_zh if self._language == "zh" and topic.title_zh else topic.title

    def _throw(self, lines: list[bytes]) -> None:
        found = socket.getaddrinfo(self._settings.host, self._port, type=socket.SOCK_DGRAM)
        family, kind, protocol, _, address = found[0]
        with socket.socket(family, kind, protocol) as sender:
            sender.settimeout(self._settings.timeout)
            sender.connect(address)
            for line in lines:
                sender.send(line)

    def _stream(self, data: bytes) -> None:
        host = self._settings.host
        with socket.create_connection((host, self._port), self._settings.timeout) as plain:
            if self._tls is None:
                _write(plain, data)
                return
            with self._tls.wrap_socket(plain, server_hostname=host) as encrypted:
                _write(encrypted, data)


def _write(stream: socket.socket, data: bytes) -> None:
    """Write everything, say that nothing more comes, and listen for a complaint (a reset) for a moment."""
    stream.sendall(data)
    if isinstance(stream, ssl.SSLSocket):
        # A refusal of our certificate comes after our data in TLS 1.3, as does a reset.
        stream.settimeout(_LISTEN_SECONDS)
    else:
        stream.shutdown(socket.SHUT_WR)
        stream.settimeout(_LISTEN_SECONDS)
    try:
        stream.recv(1)
    except TimeoutError:
        return


def _words(title: str, topic: Topic) -> str:
    values = {"rule": topic.rule_id, "level": topic.level, "count": topic.count, **topic.entities}
    return " ".join([one_line(title), *(f"{name}={one_line(value)}" for name, value in values.items() if value)])

"""E-mail: SMTP (RFC 5321) with STARTTLS (RFC 3207) or TLS (RFC 8314), AUTH (RFC 4954), MIME in UTF-8.

4yz replies and broken connections are tried again, 5yz are not (RFC 5321, section 4.2.1). Recipients who were refused
while others were not are tried again by themselves. Message-ID (RFC 5322, section 3.6.4) is the same at every attempt,
and Auto-Submitted (RFC 3834) keeps holiday notices from answering.
"""

import smtplib
from collections.abc import Mapping
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final

from correlation.connecting import reason_of
from correlation.notifying.channel import Bounds, Message
from correlation.notifying.channels.posting import bounded
from correlation.notifying.channels.reaching import authorities, place_of
from correlation.notifying.errors import DeliveryDeferred, DeliveryProblem, DeliveryRefused
from correlation.notifying.secret import secret_of
from correlation.notifying.settings import ChannelSettings
from sensors.event.times import SECOND

BOUNDS: Final = Bounds({"title": 200, "text": 64 << 10, "html": 256 << 10})
_PORTS: Final = {"none": 25, "starttls": 587, "tls": 465}


class Mail:
    """Sends mail through one server."""

    def __init__(self, settings: ChannelSettings) -> None:
        self.bounds = BOUNDS
        self._settings = settings
        self._password = secret_of(settings.name, settings.secret)
        self.secrets: tuple[str, ...] = (self._password,) if self._password else ()
        self._tls = None if settings.security == "none" else authorities(settings)
        self._port = settings.port or _PORTS[settings.security]

    def send(self, message: Message) -> None:
        """Send it to those who have not got it yet."""
        to = message.only or self._settings.to
        made = compose(message, self._settings.sender, to)
        try:
            with self._connected() as server:
                refused = server.send_message(made, self._settings.sender, to)
        except DeliveryProblem:
            raise
        except (smtplib.SMTPException, OSError) as error:
            raise _problem(error) from None
        if refused:
            raise _left(refused)

    def reach(self) -> str:
        """Connect, encrypt and say who we are."""
        try:
            with self._connected():
                return place_of(self._settings.host, self._port)
        except (smtplib.SMTPException, OSError) as error:
            raise _problem(error) from None

    def _connected(self) -> smtplib.SMTP:
        settings = self._settings
        # What the server sees of us is the name of the sender's domain: the machine's own says too much, or nothing.
        name = settings.sender.partition("@")[2]
        server: smtplib.SMTP
        if settings.security == "tls":
            server = smtplib.SMTP_SSL(
                settings.host, self._port, local_hostname=name, timeout=settings.timeout, context=self._tls
            )
        else:
            server = smtplib.SMTP(settings.host, self._port, local_hostname=name, timeout=settings.timeout)
        try:
            server.ehlo_or_helo_if_needed()
            if settings.security == "starttls":
                # A server that does not offer it, or somebody between us who hid the offer: never without.
                server.starttls(context=self._tls)
                server.ehlo()
            if settings.user:
                server.login(settings.user, self._password)
        except BaseException:
            server.close()
            raise
        return server


def compose(message: Message, sender: str, to: tuple[str, ...]) -> EmailMessage:
    """The mail of a message."""
    made = EmailMessage(policy=SMTP)
    made["Subject"] = message.title
    made["From"] = sender
    made["To"] = ", ".join(to)
    made["Date"] = format_datetime(datetime.fromtimestamp(message.notice.created // SECOND, UTC))
    made["Message-ID"] = f"<{message.id}@{sender.partition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"
    made["X-Hanwatch-Level"] = message.notice.level
    made.set_content(message.bodies["text"], charset="utf-8", cte="base64")
    if html := message.bodies.get("html"):
        made.add_alternative(html, subtype="html", charset="utf-8", cte="base64")
    return made


def _problem(error: smtplib.SMTPException | OSError) -> DeliveryProblem:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return _left(error.recipients)
    if isinstance(error, smtplib.SMTPResponseException):
        words = _words(error.smtp_error)
        kind = DeliveryRefused if 500 <= error.smtp_code < 600 else DeliveryDeferred
        return kind(reason=words, answer=error.smtp_code)
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return DeliveryDeferred(reason="net-reset", answer="")
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return DeliveryRefused(reason="mail-not-offered", answer="")
    if isinstance(error, OSError) and not isinstance(error, smtplib.SMTPException):
        return DeliveryDeferred(reason=reason_of(error), answer="")
    return DeliveryDeferred(reason="mail-no-smtp", answer="")


def _left(refused: Mapping[str, tuple[int, bytes]]) -> DeliveryProblem:
    """Some or all recipients were refused: those who may be asked again are, while there are any."""
    again = tuple(sorted(name for name, (code, _) in refused.items() if not 500 <= code < 600))
    name = again[0] if again else min(refused)
    code, words = refused[name]
    text = f"{name}: {_words(words)}"
    if again:
        return DeliveryDeferred(reason=text, answer=code, left=again)
    return DeliveryRefused(reason=text, answer=code, left=tuple(sorted(refused)))


def _words(said: bytes | str) -> str:
    return bounded(said.decode("utf-8", "replace") if isinstance(said, bytes) else said)

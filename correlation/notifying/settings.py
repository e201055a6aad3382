"""The settings of notification: channels, and routes that say which alerts go where.

Secrets are only named here, never written: `env:NAME` is an environment variable, `file:/path` the content of a file.
"""

from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from typing import Literal, TypeAlias
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from correlation.alerts.model import Level
from correlation.secret import check_reference

ChannelKind: TypeAlias = Literal["mail", "webhook", "syslog", "dingtalk", "wecom", "feishu"]
Security: TypeAlias = Literal["none", "starttls", "tls"]
Transport: TypeAlias = Literal["udp", "tcp", "tls"]
Format: TypeAlias = Literal["text", "cef"]
Speech: TypeAlias = Literal["zh", "en"]

ROBOTS = frozenset({"dingtalk", "wecom", "feishu"})


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """One place that messages go to.

    Attributes:
        name: what routes call it.
        kind: what is spoken there.
        url: webhook: where to post to. Robots: the vendor's address unless another one is said; the token is not in it.
        host: mail, syslog: the server.
        port: mail, syslog: its port; 0 for the usual one.
        security: mail: how the connection is encrypted.
        transport: syslog: what it is sent over.
        format: syslog: what the message is, words or CEF.
        user: mail: who we are; without it nobody is asked to let us in.
        sender: mail: the address in From.
        to: mail: who gets it.
        token: reference to what lets us in: webhook: bearer token; robots: the token of its address.
        secret: reference to the secret: mail: the user's password; webhook, dingtalk, feishu: what messages are signed
            with.
        proxy: webhook, robots: address of an HTTP proxy to go through, `http://proxy.example:8080`.
        ca: file of the authorities that the server's certificate may come from; empty for the system's.
        timeout: seconds for connecting, and for each answer.
        attempts: how often a message is tried before it has failed.
        per_minute: at most so many messages a minute; 0 for what the vendor allows (no bound where there is none).
    """

    name: str
    kind: ChannelKind
    url: str = ""
    host: str = ""
    port: int = 0
    security: Security = "starttls"
    transport: Transport = "udp"
    format: Format = "text"
    user: str = ""
    sender: str = ""
    to: tuple[str, ...] = ()
    token: str = ""
    secret: str = ""
    proxy: str = ""
    ca: Path | None = None
    timeout: float = 10.0
    attempts: int = 12
    per_minute: int = 0

    def __post_init__(self) -> None:
        _one_line("name", self.name, most=60)
        for reference in (self.token, self.secret):
            if reference:
                check_reference(reference)
        if self.kind in {"mail", "syslog"} and not self.host:
            raise ValueError(f"a channel of kind {self.kind} needs a host")
        if not 0 <= self.port <= 65_535:
            raise ValueError("port is a number from 0 to 65535")
        if self.kind == "mail":
            self._check_mail()
        self._check_posting()
        if self.timeout <= 0 or self.attempts < 1 or self.per_minute < 0:
            raise ValueError("timeout must be above 0, attempts 1 or more, per_minute 0 or more")

    def _check_posting(self) -> None:
        if self.kind == "webhook" and not self.url:
            raise ValueError("a webhook needs a url")
        if self.kind in ROBOTS and not self.token:
            raise ValueError("a robot needs a token, as env:NAME or file:/path")
        for url in filter(None, (self.url, self.proxy)):
            _check_url(url)
        if self.proxy and (not self.proxy.startswith("http://") or self.kind in {"mail", "syslog"}):
            raise ValueError("a proxy is http://HOST:PORT, for webhooks and robots")

    def _check_mail(self) -> None:
        if not self.to or not self.sender:
            raise ValueError("mail needs a sender and somebody in to")
        for address in (self.sender, *self.to):
            _one_line("an address", address, most=254)
            if not address.isascii() or address.count("@") != 1 or set(address) & set(' <>,;"()'):
                raise ValueError(f"{address!r} is no address such as duty@example.org")
        if bool(self.user) != bool(self.secret):
            raise ValueError("user and secret belong together")
        if self.user and self.security == "none":
            raise ValueError("a password is not sent without starttls or tls")


@dataclass(frozen=True, slots=True)
class RouteSettings:
    """Which alerts go to which channels. A condition that is left out holds for every alert.

    Attributes:
        name: what it is called in messages and lists.
        channels: where to.
        level: this level or above.
        rules: ids of rules; `*` and `?` stand for any text and any character, here and below.
        tags: ATT&CK techniques and tactics of the alert, such as `T1110*` or `lateral-movement`.
        datasets: of the evidence, such as `network.*`.
        units: of the evidence's source, destination or host.
        districts: likewise.
        hours: times of day in `notify.zone`, such as `08:30-18:00`; an end before the start is on the next day.
        by: fields whose values, with the rule, make two alerts the same subject.
        quiet: seconds in which a subject is told once, the rest in one digest at the end; 0: each alert by itself.
        burst: how many messages a channel gets in that time at most; what is beyond it waits for the digest.
        language: of the messages; empty for `notify.language`.
        template: name of the folder below `notify.templates`; empty for the templates of the product.
    """

    name: str
    channels: tuple[str, ...]
    level: Level = "informational"
    rules: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    districts: tuple[str, ...] = ()
    hours: str = ""
    by: tuple[str, ...] = ("host.name", "source.ip")
    quiet: float = 600.0
    burst: int = 20
    language: Speech | None = None
    template: str = ""

    def __post_init__(self) -> None:
        _one_line("name", self.name, most=60)
        if not self.channels:
            raise ValueError("a route needs channels")
        if self.quiet < 0 or self.burst < 1:
            raise ValueError("quiet must be 0 or more, burst 1 or more")
        if self.template and not self.template.replace("-", "").replace("_", "").isalnum():
            raise ValueError("template is the name of a folder: letters, digits, - and _")
        hours_of(self.hours)


@dataclass(frozen=True, slots=True)
class NotifySettings:
    """Notification: nothing is sent unless channels and routes are said.

    Attributes:
        channels: where messages go.
        routes: which alerts go there; a channel gets an alert by the first route that fits and names it.
        language: of messages.
        zone: IANA zone of the times in messages and of routes' hours.
        templates: folder with templates of the site.
        link: address of an alert for people, with `{id}`, such as `https://console.example/alerts/{id}`.
        keep_days: delivered messages are kept so long in the list; those that failed ten times as long.
    """

    channels: tuple[ChannelSettings, ...] = ()
    routes: tuple[RouteSettings, ...] = ()
    language: Speech = "zh"
    zone: str = "Asia/Shanghai"
    templates: Path | None = None
    link: str = ""
    keep_days: int = field(default=30)

    def __post_init__(self) -> None:
        names = [channel.name for channel in self.channels]
        for kind, found in (("channels", names), ("routes", [route.name for route in self.routes])):
            if twice := {name for name in found if found.count(name) > 1}:
                raise ValueError(f"two {kind} are called {', '.join(sorted(twice))}")
        for route in self.routes:
            if unknown := set(route.channels) - set(names):
                raise ValueError(f"route {route.name} names a channel that is not there: {', '.join(sorted(unknown))}")
            if route.template and self.templates is None:
                raise ValueError(f"route {route.name} names a template, but notify.templates names no folder")
        try:
            ZoneInfo(self.zone)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"no such zone: {self.zone}") from error
        if self.link and (not self.link.startswith(("https://", "http://")) or "{id}" not in self.link):
            raise ValueError("link is an address of http:// or https:// with {id} in it")
        if self.keep_days < 1:
            raise ValueError("keep_days must be 1 or more")

    @property
    def active(self) -> bool:
        """Whether anything can be sent."""
        return bool(self.channels and self.routes)

    def channel(self, name: str) -> ChannelSettings | None:
        """The channel of this name."""
        return next((channel for channel in self.channels if channel.name == name), None)

    def route(self, name: str) -> RouteSettings | None:
        """The route of this name."""
        return next((route for route in self.routes if route.name == name), None)


def hours_of(text: str) -> tuple[time, time] | None:
    """Begin and end of `HH:MM-HH:MM`; None where nothing is said.

    Raises:
        ValueError: the text is something else.
    """
    if not text:
        return None
    begin, dash, end = text.partition("-")
    try:
        found = time.fromisoformat(begin.strip()), time.fromisoformat(end.strip())
    except ValueError as error:
        raise ValueError(f"hours are written 08:30-18:00, not {text!r}") from error
    if not dash or found[0] == found[1] or any(moment.tzinfo for moment in found):
        raise ValueError(f"hours are written 08:30-18:00, not {text!r}")
    return found


def _one_line(what: str, text: str, *, most: int) -> None:
    if not text or len(text) > most or not text.isprintable() or text != text.strip():
        raise ValueError(f"{what} is one line of 1 to {most} characters")


def _check_url(url: str) -> None:
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0 or " " in url:
        raise ValueError("url is an address of http:// or https:// with a port from 1 to 65535, without blanks")
    if parts.scheme not in {"http", "https"} or not parts.hostname or not url.isascii() or not url.isprintable():
        raise ValueError("url is an address of http:// or https://")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise ValueError("url holds no user, password or fragment: name a token instead")

"""Access logs of nginx and Apache: common, combined, with virtual host, with forwarded addresses.

Apache HTTP Server, mod_log_config, "Format Strings" and "Security Considerations" (escapes); nginx,
ngx_http_log_module, log_format (escape=default). What follows the user agent by a site's own format stays as text.
"""

import re
from collections.abc import Sequence
from typing import Any

from sensors.parser import Lines, Parsed
from sensors.parsers.assembly import Assembly, reject
from sensors.parsers.caches import Bounded
from sensors.parsers.encoding import decode_lines
from sensors.parsers.values import ADDRESSES, UNFIT, whole_number
from sensors.parsers.web_texts import Client, Request, client_of, moment_of, plain, request_of

# %h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-agent}i", and what a site adds before or behind.
_LINE = re.compile(
    r"""
    ([^\[]*)\x20                                       # who: hosts, ident, user
    \[(\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d\x20[+-]\d{4})\] # time
    \x20"([^"\\]*+(?:\\.[^"\\]*+)*+)"                  # request
    \x20(\d{3}|-)\x20(\d{1,19}|-)                      # status, bytes
    (?:\x20"([^"\\]*+(?:\\.[^"\\]*+)*+)"               # referrer
       \x20"([^"\\]*+(?:\\.[^"\\]*+)*+)")?             # user agent
    (?:\x20(.*))?                                      # what the site adds
    """,
    re.VERBOSE | re.DOTALL,
)

_CONSTANTS = {
    "event.module": "web",
    "event.kind": "event",
    "event.category": ["web"],
    "event.type": ["access"],
}

_NAMES = (
    "url.domain", "url.port", "source.address", "source.ip", "web.access.addresses", "web.access.ident", "user.name",
    "http.request.method", "url.original", "http.version", "url.path", "url.query", "web.access.request",
    "http.response.status_code", "http.response.body.bytes", "event.outcome", "http.request.referrer",
    "user_agent.original", "web.access.extra",
)  # fmt: skip


class AccessLog:
    """Access logs of nginx and Apache."""

    name = "web.access"

    def __init__(self) -> None:
        self._clients: Bounded[str, Client | None] = Bounded(client_of)
        self._requests: Bounded[str, Request] = Bounded(request_of)
        self._moments: Bounded[str, int | None] = Bounded(moment_of)
        self._texts: Bounded[str, str | None] = Bounded(plain)

    def recognises(self, head: Sequence[bytes]) -> bool:
        """Whether most of these lines read like an access log."""
        texts, _ = decode_lines(head)
        return sum(_LINE.fullmatch(text) is not None for text in texts) * 2 > len(texts)

    def parse(self, lines: Lines, state: Any) -> Parsed:  # noqa: ARG002 - this format has no state
        """Every line is an event of the dataset `web.access`."""
        texts, encodings = decode_lines(lines.texts)
        match = _LINE.fullmatch
        rejects = []
        rows: list[int] = []
        parts: list[tuple[str, ...]] = []
        clients: list[Client] = []
        skipped = 0
        known = self._clients
        for index, text in enumerate(texts):
            found = match(text)
            client = known[found[1]] if found else None
            if found and client:
                rows.append(index)
                parts.append(found.groups())
                clients.append(client)
            elif text.strip():
                rejects.append(reject(lines, index, "access-odd-line"))
            else:
                skipped += 1
        if not rows:
            return Parsed((), tuple(rejects), skipped)
        assembly = Assembly.of(lines, encodings)
        columns = self._columns(parts, clients)
        columns["event.original"] = texts if len(rows) == len(texts) else [texts[row] for row in rows]
        spoken = [part[1] for part in parts]
        assembly.add(
            "web.access",
            constants=_CONSTANTS,
            rows=rows,
            moments=list(map(self._moments.__getitem__, spoken)),
            columns=columns,
            optional=[(name,) for name in _NAMES],
            spoken_time=("web.access.time", spoken),
        )
        return Parsed(tuple(assembly.batches), tuple(rejects), skipped)

    def _columns(self, parts: list[tuple[str, ...]], clients: list[Client]) -> dict[str, Sequence[Any]]:
        """Every field of `_NAMES`, with None where a line does not say it."""
        _, _, requests, statuses, sizes, referrers, agents, extras = zip(*parts, strict=True)
        domain, port, address, forwarded, ident, user = zip(*clients, strict=True)
        asked = zip(*map(self._requests.__getitem__, requests), strict=True)
        ips = [None if found is UNFIT else found for found in map(ADDRESSES.__getitem__, address)]
        texts = self._texts
        values: list[Sequence[Any]] = [
            domain, port, address, ips, forwarded, ident, user,
            *asked,
            list(map(_STATUSES.__getitem__, statuses)),
            list(map(_SIZES.__getitem__, sizes)),
            list(map(_OUTCOMES.__getitem__, statuses)),
            [text and texts[text] for text in referrers],
            [text and texts[text] for text in agents],
            extras,
        ]  # fmt: skip
        return dict(zip(_NAMES, values, strict=True))


def _whole(text: str) -> int | None:
    found = whole_number(text)
    return None if found is UNFIT else found


def _outcome(status: str) -> str | None:
    return None if status == "-" else "success" if status < "400" else "failure"


_STATUSES: Bounded[str, int | None] = Bounded(_whole)
_SIZES: Bounded[str, int | None] = Bounded(_whole)
_OUTCOMES: Bounded[str, str | None] = Bounded(_outcome)

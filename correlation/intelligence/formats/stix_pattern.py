"""Patterns of STIX 2.1 as far as they name single values: `[domain-name:value = 'a.example' OR url:value IN ('…')]`.

Specification: STIX 2.1, section 9 (patterning), of which this reads comparisons by `=`, `IN` and, for addresses,
`ISSUBSET`, joined by OR, in one observation or in several joined by OR. Everything else needs more than a value to be
seen: AND, FOLLOWEDBY, NOT, LIKE, MATCHES, qualifiers (WITHIN, REPEATS, START) are told as not usable.
"""

import re
from collections.abc import Iterator
from typing import Final

from correlation.intelligence.model import Kind

LONGEST: Final = 1 << 16

_TOKEN: Final = re.compile(
    r"""\s*(?:
      (?P<text>'(?:[^'\\]|\\['\\])*')
    | (?P<path>[a-zA-Z][a-zA-Z0-9-]*:[\w-]+(?:\.(?:[\w-]+|'(?:[^'\\]|\\['\\])*'))*)
    | (?P<word>[A-Z]+)
    | (?P<number>[0-9]+)
    | (?P<sign>[\[\]()=,])
    )""",
    re.VERBOSE,
)
_PATHS: Final[dict[str, Kind]] = {
    "ipv4-addr:value": "ip",
    "ipv6-addr:value": "ip",
    "domain-name:value": "domain",
    "url:value": "url",
    "network-traffic:dst_ref.value": "ip",
    "network-traffic:src_ref.value": "ip",
}
_ESCAPE: Final = re.compile(r"\\(['\\])")
_HASH_NAMES: Final = {"md5", "sha1", "sha256", "sha512"}
_FINGERPRINTS: Final[dict[str, Kind]] = {"ja3": "ja3", "ja3_hash": "ja3", "ja4": "ja4"}


class PatternNotSimpleError(ValueError):
    """The pattern asks for more than a single value, or is none; `reason` is a code of the catalogues' reasons."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def values_of(pattern: str) -> list[tuple[Kind, str]]:
    """The values that a pattern names, as it spells them, each of which is enough by itself.

    Raises:
        PatternNotSimpleError: it asks for more, or for something else.
    """
    if len(pattern) > LONGEST:
        raise PatternNotSimpleError("stix-pattern-odd")
    return _Reader(list(_tokens(pattern))).observations()


def _tokens(pattern: str) -> Iterator[tuple[str, str]]:
    at, end = 0, len(pattern.rstrip())
    while at < end:
        found = _TOKEN.match(pattern, at)
        if found is None or found.lastgroup is None:
            raise PatternNotSimpleError("stix-pattern-odd")
        yield found.lastgroup, found[found.lastgroup]
        at = found.end()


class _Reader:
    """Goes through the tokens from left to right; brackets are counted, never descended into."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens = tokens
        self._at = 0

    def observations(self) -> list[tuple[Kind, str]]:
        found: list[tuple[Kind, str]] = []
        inside, depth, outer = False, 0, 0
        wanted = True  # a comparison or an opening bracket, rather than OR or a closing one
        while self._at < len(self._tokens):
            form, token = self._take()
            if wanted and token == "[" and not inside:  # noqa: S105 - a bracket, no secret
                inside = True
            elif wanted and token == "(":  # noqa: S105
                depth, outer = (depth + 1, outer) if inside else (depth, outer + 1)
            elif wanted and form == "path" and inside:
                found += self._comparison(token)
                wanted = False
            elif not wanted and token == ")" and (depth if inside else outer):  # noqa: S105
                depth, outer = (depth - 1, outer) if inside else (depth, outer - 1)
            elif not wanted and token == "]" and inside and not depth:  # noqa: S105
                inside = False
            elif not wanted and token == "OR":  # noqa: S105
                wanted = True
            else:
                raise PatternNotSimpleError("stix-pattern-complex" if form == "word" else "stix-pattern-odd")
        if inside or depth or outer or wanted:
            raise PatternNotSimpleError("stix-pattern-odd")
        return found

    def _comparison(self, path: str) -> list[tuple[Kind, str]]:
        kind = _kind_of(path)
        operator = self._take()[1]
        if operator == "=" or (operator == "ISSUBSET" and kind == "ip"):
            return [(kind, self._text())]
        if operator != "IN":
            raise PatternNotSimpleError("stix-pattern-complex")
        self._sign("(")
        values = [(kind, self._text())]
        while (token := self._take()[1]) == ",":
            values.append((kind, self._text()))
        if token != ")":  # noqa: S105
            raise PatternNotSimpleError("stix-pattern-odd")
        return values

    def _take(self) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise PatternNotSimpleError("stix-pattern-odd")
        self._at += 1
        return self._tokens[self._at - 1]

    def _sign(self, sign: str) -> None:
        if self._take()[1] != sign:
            raise PatternNotSimpleError("stix-pattern-odd")

    def _text(self) -> str:
        form, token = self._take()
        if form != "text":
            raise PatternNotSimpleError("stix-pattern-odd")
        return _ESCAPE.sub(r"\1", token[1:-1])


def _kind_of(path: str) -> Kind:
    if path in _PATHS:
        return _PATHS[path]
    kind, _, rest = path.partition(":")
    last = rest.rpartition(".")[2].strip("'").lower()
    if kind == "file" and rest.startswith("hashes.") and last.replace("-", "") in _HASH_NAMES:
        return "hash"
    if kind == "network-traffic" and last in _FINGERPRINTS:
        return _FINGERPRINTS[last]
    raise PatternNotSimpleError("stix-observable-not-looked-at")

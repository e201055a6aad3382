"""What is wrong between the prefixes of an address plan, found in one sorted sweep for each address space.

Special addresses are those of the IANA special-purpose registries (RFC 6890 and its updates), as Python's ipaddress
has them: private (RFC 1918, RFC 4193), shared (RFC 6598), documentation (RFC 5737, RFC 3849), and so on.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal, NamedTuple, TypeAlias

from inventory.networks.errors import PrefixUnusable
from inventory.networks.model import Prefix, Span, address_of, span_of

Kind: TypeAlias = Literal[
    "duplicate", "claimed-twice", "contained", "crossing", "unused", "public-inside", "private-outside", "reserved"
]
"""Said twice by one owner; by two; within another's; a range that crosses another; nobody uses it; addresses of the
internet used inside; private ones meant for the internet; addresses that are not for use at all."""

MOST_CROSSINGS: Final = 100
"""Of one range: ranges that all cross each other would else be told in pairs."""
_RESERVED: Final = ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "198.18.0.0/15", "224.0.0.0/3", "0.0.0.0/8",
                    "127.0.0.0/8", "169.254.0.0/16", "2001:db8::/32", "ff00::/8", "fe80::/10", "::/127")  # fmt: skip


class _Placed(NamedTuple):
    span: Span
    prefix: Prefix


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding; `other` is the prefix that it is about beside the first, if it is about two."""

    kind: Kind
    prefix: Prefix
    other: Prefix | None = None

    @property
    def id(self) -> str:
        """The same in every audit, as long as the two entries keep their ids."""
        said = "\0".join((self.kind, self.prefix.id, self.other.id if self.other else ""))
        return hashlib.blake2b(said.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def audit(prefixes: Iterable[Prefix]) -> tuple[tuple[Finding, ...], tuple[PrefixUnusable, ...]]:
    """All findings, space by space in the order of addresses, and the entries that are no prefixes."""
    spaces: dict[tuple[str, int], list[_Placed]] = defaultdict(list)
    problems: list[PrefixUnusable] = []
    for prefix in prefixes:
        try:
            span = prefix.span
        except PrefixUnusable as problem:
            # The entry is named, since many may have the same wrong text.
            reason = problem.parameters["reason"]
            problems.append(PrefixUnusable(value=f"{prefix.id}: {prefix.network}"[:120], reason=reason))
            continue
        spaces[prefix.space, span.version].append(_Placed(span, prefix))
    findings: list[Finding] = []
    for _, placed in sorted(spaces.items(), key=lambda one: one[0]):
        placed.sort(key=lambda one: (one.span.first, -one.span.last, not one.prefix.container, one.prefix.id))
        findings.extend(_between(placed))
        for one in placed:
            findings.extend(_by_itself(one))
    return tuple(findings), tuple(problems)


def _between(placed: list[_Placed]) -> Iterator[Finding]:
    """The sweep: what is still open when an entry begins holds it, equals it or crosses it.

    An entry is told about the nearest that holds it; what that one crosses is not told again of all that it holds.
    """
    opened: list[_Placed] = []
    for one in placed:
        while opened and opened[-1].span.last < one.span.first:
            opened.pop()
        crossings = 0
        for other in reversed(opened):
            if other.span.last < one.span.first:
                continue
            if other.span.last >= one.span.last:
                yield from _nested(one, other)
                break
            crossings += 1
            if crossings > MOST_CROSSINGS:
                break
            yield Finding("crossing", one.prefix, other.prefix)
        opened.append(one)


def _nested(one: _Placed, holder: _Placed) -> Iterator[Finding]:
    same = one.prefix.owner == holder.prefix.owner
    if one.span == holder.span and one.prefix.container == holder.prefix.container:
        yield Finding("duplicate" if same else "claimed-twice", one.prefix, holder.prefix)
    elif not same and not holder.prefix.container:
        yield Finding("contained", one.prefix, holder.prefix)


def _by_itself(one: _Placed) -> Iterator[Finding]:
    span, prefix = one
    if prefix.hosts == 0 and not prefix.container:
        yield Finding("unused", prefix)
    if any(low <= span.first and span.last <= high for version, low, high in _reserved() if version == span.version):
        yield Finding("reserved", prefix)
        return
    if not prefix.scope:
        return
    public = address_of(span.version, span.first).is_global
    if prefix.scope == "internal" and public and span.version == 4:
        # Inside a network IPv6 has global addresses by design: that is no misuse.
        yield Finding("public-inside", prefix)
    if prefix.scope == "internet" and not public:
        yield Finding("private-outside", prefix)


@cache
def _reserved() -> tuple[Span, ...]:
    return tuple(span_of(text) for text in _RESERVED)

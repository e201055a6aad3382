"""Versions put in order, whoever wrote them: numbers, letters (openssl 1.0.2k), pre-releases, epochs and revisions.

Sources: Debian Policy 5.6.12 (epoch, revision, `~` before the end), Semantic Versioning 2.0.0 clause 11 and PEP 440
(pre-releases), OpenSSL's release strategy (letters after 1.0.2z are za, zb …), and Huawei's V200R021C10SPC100. It is
an order of keys, so it is total; what it makes of versions that no source speaks of is our choice.
"""

import re
from dataclasses import dataclass
from functools import lru_cache, total_ordering
from typing import Final, TypeAlias

LONGEST: Final = 256

_TOKENS: Final = re.compile(r"[0-9]+|[^\W\d_]+|~")
_EPOCH: Final = re.compile(r"([0-9]{1,9}):(.*)", re.DOTALL)
_DISTRIBUTION: Final = re.compile(
    r"(?:\.el[0-9]|\.fc[0-9]|\.amzn|\.suse|\.oe[0-9]|\.ky[0-9]|\.an[0-9]|\.tl[0-9]|ubuntu|\+deb|deb[0-9]+u|\.uel|kylin)"
)
"""What a package's revision says of its distribution: Red Hat, Fedora, Amazon, SUSE, openEuler, Kylin, Anolis, …"""

_NOTHING: Final = frozenset({"final", "release", "ga"})
_BEFORE: Final = {
    "dev": -90, "snapshot": -90, "nightly": -90, "alpha": -80, "beta": -70, "milestone": -60, "preview": -50,
    "pre": -50, "cr": -40, "rc": -40,
}  # fmt: skip
_BEFORE_NUMBER: Final = {"a": -80, "b": -70, "m": -60}
"""Single letters are pre-releases before a number (3.0b1, 9.0.0.M1), and else what follows a release (1.0.2m)."""
_TILDE: Final = (-100, 0, "")
_END: Final = (0, 0, "")
_LETTERS: Final = 1
_NUMBER: Final = 2

Token: TypeAlias = tuple[int, int, str]


@total_ordering
@dataclass(frozen=True, slots=True, eq=False)
class Version:
    """A version as its parts: `epoch`, `upstream` and `revision` in order, and whether a distribution packed it."""

    text: str
    epoch: int
    upstream: tuple[Token, ...]
    revision: tuple[Token, ...]
    told_revision: bool = False
    told_epoch: bool = False
    packed: bool = False

    @property
    def key(self) -> tuple[int, tuple[Token, ...], tuple[Token, ...]]:
        """What the order is that of."""
        return self.epoch, self.upstream, self.revision

    def __eq__(self, other: object) -> bool:
        return self.key == other.key if isinstance(other, Version) else NotImplemented

    def __lt__(self, other: "Version") -> bool:
        return self.key < other.key

    def __hash__(self) -> int:
        return hash(self.key)


@lru_cache(maxsize=262_144)
def version_of(text: str) -> Version | None:
    """The version that a text says; None where it says none, or is longer than versions are."""
    said = text.strip().lower()
    if len(said) > LONGEST or not re.search(r"[0-9]", said):
        return None
    found = _EPOCH.fullmatch(said)
    epoch, rest = (int(found[1]), found[2]) if found else (0, said)
    rest = re.sub(r"^(?:version|ver\.?|v\.?)\s*(?=[0-9])", "", rest)
    upstream, revision = _apart(rest)
    return Version(
        text.strip(), epoch, _key(upstream), _key(revision), told_revision=bool(revision), told_epoch=found is not None,
        packed=_DISTRIBUTION.search(rest) is not None,
    )  # fmt: skip


def compared(one: Version, bound: Version) -> int:
    """-1, 0 or 1 as a version stands to a bound; what the bound does not say (epoch, revision) does not count."""
    if bound.told_epoch and one.epoch != bound.epoch:
        return 1 if one.epoch > bound.epoch else -1
    if one.upstream != bound.upstream:
        return 1 if one.upstream > bound.upstream else -1
    if not bound.told_revision:
        return 0
    return (one.revision > bound.revision) - (one.revision < bound.revision)


def _apart(text: str) -> tuple[str, str]:
    """Upstream version and revision: what follows the last hyphen and begins with a digit (Debian, RPM)."""
    upstream, hyphen, revision = text.rpartition("-")
    if hyphen and revision[:1].isdecimal() and upstream and re.search(r"[0-9]", upstream):
        # 1.0-rc-2 has no revision: the number belongs to the pre-release.
        before = re.search(r"([a-z]+)$", upstream)
        if not (before and before[1] in _BEFORE):
            return upstream, revision
    return text, ""


def _key(text: str) -> tuple[Token, ...]:
    found = _TOKENS.findall(text)
    key: list[Token] = []
    for at, token in enumerate(found):
        if token[0] == "~":
            rank = _TILDE
        elif token.isdigit() and token.isascii():
            rank = (_NUMBER, int(token), "")
        elif token in _NOTHING:
            continue
        else:
            numbered = at + 1 < len(found) and found[at + 1].isdigit()
            early = _BEFORE.get(token) or (_BEFORE_NUMBER.get(token) if numbered and at else None)
            rank = (early, 0, "") if early else (_LETTERS, 0, token)
        if rank[0] != _NUMBER:
            _without_zeros(key)
        key.append(rank)
    _without_zeros(key)
    return (*key, _END)


def _without_zeros(key: list[Token]) -> None:
    """1.0 and 1.0.0 are one version, and so are 1.0-rc1 and 1.0.0-rc1."""
    while key and key[-1] == (_NUMBER, 0, ""):
        key.pop()

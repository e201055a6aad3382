"""Whether one criterion holds for one version of a product: yes, no, or to be checked, with the reason."""

from typing import Final, Literal, TypeAlias

from inventory.vulnerabilities.cpe import ANY, NA, Cpe, compare, plain, quoted
from inventory.vulnerabilities.model import CpeMatch
from inventory.vulnerabilities.versions import Token, Version, compared, version_of

Reason: TypeAlias = Literal[
    "version-unknown", "version-not-told", "range-unreadable", "edition-not-told", "backported", "product-guessed",
    "vendor-unknown", "condition-unknown",
]  # fmt: skip
"""Why something is to be checked: nobody knows the installed version; the advisory gives none; its range cannot be
read; it speaks of one edition; a distribution may have mended it without a new version; the product or its vendor was
made of a name that no table has; what must also be there for it is not known of the asset."""
NO: Final = 0
MAYBE: Final = 1
YES: Final = 2
Key: TypeAlias = tuple[Token, ...]
ABOVE_ALL: Final[Key] = ((99, 0, ""),)
_AFTER_LETTERS: Final[Token] = (1, 0, "\U0010ffff")
_UPDATES: Final = frozenset({"p", "sp", "u", "update", "patch", "hotfix", "cu"})
_EDITIONS: Final = ("edition", "language", "sw_edition", "target_sw", "target_hw", "other")


Bounds: TypeAlias = tuple[tuple[Version | None, tuple[int, ...]], ...]
"""Bounds of a range, None where one cannot be read, each with how a version within may stand to it."""


def bounds_of(match: CpeMatch) -> Bounds:
    """The bounds of a criterion, none where it names a single version or means any."""
    said = (
        (match.start_including, (0, 1)), (match.start_excluding, (1,)),
        (match.end_including, (-1, 0)), (match.end_excluding, (-1,)),
    )  # fmt: skip
    return tuple((version_of(plain(text)), wanted) for text, wanted in said if text)


def limits(bounds: Bounds) -> tuple[Key, Key]:
    """Keys below and above which no version can be within bounds: they say for most criteria that they do not hold."""
    low: Key = ()
    high = ABOVE_ALL
    for bound, wanted in bounds:
        if bound is None or bound.told_epoch:
            continue
        if -1 in wanted:
            # An update of the bound itself, such as 9.3p1 of 9.3, stands above it and is within.
            high = min(high, (*bound.upstream[:-1], _AFTER_LETTERS))
        else:
            low = max(low, bound.upstream)
    return low, high


def affects(match: CpeMatch, installed: str, bounds: Bounds | None = None) -> tuple[int, Reason | None]:
    """Whether a criterion's versions have an installed one; `bounds` are the criterion's, where they are at hand."""
    if match.bounded:
        return _within(bounds_of(match) if bounds is None else bounds, version_of(installed))
    return _named(match.criterion, installed)


def has_edition(criterion: Cpe) -> bool:
    """Whether a criterion speaks of one edition, language or target."""
    return any(getattr(criterion, name) not in {ANY, NA} for name in _EDITIONS)


def edition(criterion: Cpe, installed: Cpe | None) -> tuple[int, Reason | None]:
    """Whether a criterion's edition, language and target are those of what is installed."""
    worst = YES
    for name in _EDITIONS:
        asked = getattr(criterion, name)
        if asked in {ANY, NA}:
            # NVD writes `-` where there is no edition, and inventories say nothing of what is not there.
            continue
        relation = compare(asked, getattr(installed, name) if installed else ANY)
        if relation == "disjoint":
            return NO, None
        if relation not in {"equal", "superset"}:
            worst = MAYBE
    return (worst, None) if worst == YES else (MAYBE, "edition-not-told")


def _within(bounds: Bounds, installed: Version | None) -> tuple[int, Reason | None]:
    if installed is None:
        return MAYBE, "version-unknown"
    unreadable = False
    for bound, wanted in bounds:
        if bound is None:
            unreadable = True
        elif (0 if _updated(installed, bound) else compared(installed, bound)) not in wanted:
            # A range is one of the version alone, of which CPE tells the update apart: 9.3p1 is within <=9.3.
            return NO, None
    return (MAYBE, "range-unreadable") if unreadable else _told(installed)


def _named(criterion: Cpe, installed: str) -> tuple[int, Reason | None]:
    version = version_of(installed)
    if criterion.version == ANY:
        return YES, None
    if criterion.version == NA:
        # The advisory does not say which versions: for systems and devices that is how NVD writes all of them.
        return (MAYBE, "version-not-told") if version is None or criterion.part in {"o", "h"} else (NO, None)
    if version is None:
        return MAYBE, "version-unknown"
    wanted = version_of(criterion.full_version())
    if wanted is not None and compared(version, wanted) == 0:
        return _told(version)
    if wanted is not None and criterion.update == ANY and _updated(version, wanted):
        return _told(version)
    relation = compare(criterion.version, quoted(installed))
    return _told(version) if relation == "superset" else (NO, None)


def _updated(version: Version, wanted: Version) -> bool:
    """Whether a version is the wanted one with an update of any number, such as 8.5p1 of 8.5."""
    at = len(wanted.upstream) - 1
    if len(version.upstream) <= at or version.upstream[at][2] not in _UPDATES:
        return False
    return version.upstream[:at] == wanted.upstream[:at]


def _told(version: Version) -> tuple[int, Reason | None]:
    return (MAYBE, "backported") if version.packed else (YES, None)


"""What one record is to a rate, as pure functions of its fields: `(verdict, reason)`.

This file stands in evidence packs as it is, beside a program that counts again: it uses the standard library alone. A
verdict is `yes` (in the numerator), `no`, `unknown` (in the denominator without an answer: nothing is guessed) or
`outside` (not in the denominator). A field without a value is None. Where only the belonging of a record is not known,
it is `unknown` as well, so that what the whole can be at most and at least stays true.
"""

from collections.abc import Callable
from typing import Any, Literal

Judged = tuple[Literal["yes", "no", "unknown", "outside"], str]

CLOUDS = ("city_cloud", "district_cloud", "department_cloud", "public_cloud")


def ipv6_sites(state: Any, kind: Any, level: Any, ipv6_supported: Any) -> Judged:
    """Running websites and portals of the city's and districts' governments that can be reached over IPv6."""
    if kind in {"app", "mini_program"}:
        return "outside", "no-website"
    if level == "other":
        return "outside", "other-level"
    if state in {"suspended", "retired"}:
        return "outside", "not-running"
    for value, reason in ((kind, "kind-not-said"), (level, "level-not-said"), (state, "state-not-said")):
        if value is None:
            return "unknown", reason
    if ipv6_supported is None:
        return "unknown", "ipv6-not-said"
    return ("yes", "ipv6") if ipv6_supported else ("no", "no-ipv6")


def cloud_systems(state: Any, classified: Any, hosting: Any, migration: Any) -> Judged:
    """Running systems that are not classified, and run on a cloud of the government or a public one.

    Where hosting is not said, a finished migration says it.
    """
    if classified is True:
        return "outside", "classified"
    if state in {"planned", "building", "suspended", "retired"}:
        return "outside", "not-running"
    for value, reason in ((classified, "classified-not-said"), (state, "state-not-said")):
        if value is None:
            return "unknown", reason
    return _hosted(hosting, migrated=migration == "migrated")


def _hosted(hosting: Any, *, migrated: bool) -> Judged:
    if hosting in CLOUDS:
        return "yes", "on-cloud"
    if hosting is None:
        return ("yes", "migrated") if migrated else ("unknown", "hosting-not-said")
    # Its own machine room and a finished migration cannot both be true: somebody has to say which is.
    return ("unknown", "hosting-contradicts") if migrated else ("no", "own-room")


def shared_resources(sharing: Any, shared: Any) -> Judged:
    """Items of the catalogue that departments may share, and that are shared in fact."""
    return _given(sharing, "not-to-be-shared", shared, "shared")


def opened_resources(opening: Any, opened: Any) -> Judged:
    """Items of the catalogue that may be opened to society, and that are opened in fact."""
    return _given(opening, "not-to-be-opened", opened, "opened")


def computing_power(power: Any) -> Judged:
    """Data centres with their computing power, which is added up."""
    return ("unknown", "power-not-said") if power is None else ("yes", "power")


def _given(type_: Any, outside: str, fact: Any, code: str) -> Judged:
    if type_ == "none":
        return "outside", outside
    if fact is True:
        # What was given may be given: no type is needed to know that it is in the denominator.
        return "yes", code
    if type_ is None:
        return "unknown", "type-not-said"
    return ("unknown", f"{code}-not-said") if fact is None else ("no", f"not-{code}")


JUDGES: dict[str, Callable[..., Judged]] = {
    "ipv6_sites": ipv6_sites,
    "cloud_systems": cloud_systems,
    "shared_resources": shared_resources,
    "opened_resources": opened_resources,
    "computing_power": computing_power,
}
"""By the codes that formulas have."""

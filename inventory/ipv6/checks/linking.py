"""C1, C2 and D2: links of the second and third level, scripts, styles and images; the rate that answers."""

from inventory.ipv6.checks.check import cause_of, follows, nothing, rated, unknown
from inventory.ipv6.model import Evidence, Fault, Links, Measurement, Outcome, Reached


def second_level(seen: Measurement) -> Outcome:
    """C1: links of the home page."""
    return _links("C1", seen, seen.second)


def third_level(seen: Measurement) -> Outcome:
    """C2: links of the pages behind those, a sample."""
    return _links("C2", seen, seen.third)


def parts(seen: Measurement) -> Outcome:
    """D2: what the home page is made of, as far as the site itself has it."""
    return _links("D2", seen, seen.parts)


def _links(check: str, seen: Measurement, links: Links) -> Outcome:
    cause = cause_of(seen, page=True)
    if cause is not None:
        return follows(check, cause)
    # What is dead over both families is no matter of IPv6, if IPv4 works at all; what has no answer of DNS is left out.
    compared = seen.home4 is not None and seen.home4.well
    judged = [
        one
        for one in links.tried
        if not one.failure or (one.failure != "dns" and (one.anyway or not compared))
    ]
    if check in seen.unmeasured and len(links.tried) * 2 < links.found:
        return unknown(check, "time-over")
    if not judged:
        return nothing(check, "no-links")
    failed = [one for one in judged if one.failure]
    faults = [
        Fault(
            "no-record" if one.failure == "no-address" else one.failure,
            one.host if one.failure == "no-address" else one.url,
            one.host,
            str(one.status) if one.failure == "status" else one.detail,
            1 / len(judged),
        )
        for one in failed
    ]
    evidence = [Evidence(one.at, one.address, _said(one)) for one in [*failed, *judged[:3]]]
    return rated(check, 1 - len(failed) / len(judged), faults, evidence)


def _said(one: Reached) -> str:
    said = [word for word in (str(one.status or ""), one.failure, one.detail) if word]
    return f"GET {one.url}: {', '.join(said)}"

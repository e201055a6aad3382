"""What is found of a site, each with an id that is the same in every run: derived from site, check and subject.

How something fails (refused today, a time-out tomorrow) is not part of the id.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from inventory.ipv6.checks.reaching import exposed
from inventory.ipv6.model import Fault, Measurement, Outcome, Site
from inventory.ipv6.profiles import Profile

EXPOSED = "ports"
"""Stands where a check would: ports that IPv6 has open and IPv4 filters are not scored."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of one site; `points` are those of the whole score that it costs by the profile."""

    id: str
    site: Site
    check: str
    fault: Fault
    points: float


def findings(seen: Measurement, outcomes: Sequence[Outcome], profile: Profile) -> tuple[Finding, ...]:
    """Everything that is missing or wrong, the dearest first; what follows from something counts there."""
    site = seen.site
    followed = {
        one.check: sum(profile.weight(other.check) for other in outcomes if _follows(other, one, outcomes))
        for one in outcomes
    }
    found: dict[str, Finding] = {}
    for outcome in outcomes:
        # What could not pass because of this is lost by it too: by what is wrong with the site's own host, if that is.
        roots = [fault for fault in outcome.faults if fault.host == site.host] or outcome.faults
        for fault in outcome.faults:
            points = profile.weight(outcome.check) * fault.share
            points += followed[outcome.check] / len(roots) if fault in roots else 0
            made = _id(site, outcome.check, fault.subject)
            # Many links of a host that lacks a record are one finding.
            before = found.get(made, Finding(made, site, outcome.check, fault, 0.0))
            found[made] = replace(before, points=before.points + points)
    for dial in exposed(seen):
        fault = Fault("port-exposed", f"{site.host} TCP {dial.port}", site.host, dial.address)
        made = _id(site, EXPOSED, fault.subject)
        found[made] = Finding(made, site, EXPOSED, fault, 0.0)
    return tuple(sorted(found.values(), key=lambda one: (-one.points, one.check, one.fault.subject)))


def _follows(other: Outcome, one: Outcome, outcomes: Sequence[Outcome]) -> bool:
    """Whether a check failed because of another, or because of one that failed because of it."""
    cause = other.cause
    while cause and cause != one.check:
        cause = next((before.cause for before in outcomes if before.check == cause), "")
    return bool(cause)


def _id(site: Site, check: str, subject: str) -> str:
    said = f"ipv6\0{site.url}\0{check}\0{subject}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(said, digest_size=8).hexdigest()

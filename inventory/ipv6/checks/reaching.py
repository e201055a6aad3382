"""B1 to B3: the home page over IPv6, again and again, on the ports that IPv4 has, with a certificate that holds."""

from typing import Final

from inventory.ipv6.checks.check import (
    cause_of,
    follows,
    nothing,
    of_dial,
    of_exchange,
    of_lookup,
    rated,
    shared,
    unknown,
)
from inventory.ipv6.checks.thresholds import thresholds
from inventory.ipv6.crawling import failure_of
from inventory.ipv6.model import Evidence, Fault, Measurement, Outcome
from inventory.probing.model import Dial
from inventory.probing.urls import parsed

_WEB: Final = (80, 443)


def home(seen: Measurement) -> Outcome:
    """B1: the home page ends with 2xx or 3xx over IPv6, and so does every step of its redirects."""
    cause = cause_of(seen)
    if cause is not None:
        return follows("B1", cause)
    evidence = [of_exchange(hop) for hop in seen.home6.hops]
    if seen.home6.well:
        return _left(seen, evidence)
    last = seen.home6.last
    if last.failure == "dns":
        return unknown("B1", "names-not-known", evidence)
    parts = parsed(last.url)
    host = parts.host if parts else seen.site.host
    reason = failure_of(seen.home6)
    detail = str(last.status) if reason == "status" else last.detail
    # Where the site does not answer over IPv4 either, it is down, which mending IPv6 does not change.
    both = seen.home4 is not None and not seen.home4.well
    fault = Fault("no-record" if reason == "no-address" else reason, host if reason == "no-address" else last.url, host)
    return rated("B1", 0, [Fault(fault.reason, fault.subject, host, detail, 1.0)], evidence, "down-anyway" * both)


def _left(seen: Measurement, evidence: list[Evidence]) -> Outcome:
    """The outcome of a home page that works, or leads away: there nothing is asked, but the name has to have AAAA."""
    away = parsed(seen.home6.left)
    told = next((one for one in seen.known if away and one.name == away.host and one.type == "AAAA"), None)
    if away is None or told is None or told.records:
        return rated("B1", 1, evidence=evidence)
    evidence.append(of_lookup(told))
    if not told.answered:
        return unknown("B1", "names-not-known", evidence)
    return rated("B1", 0, [Fault("no-record", away.host, away.host, share=1.0)], evidence)


def tries(seen: Measurement) -> Outcome:
    """B2: how often it works: all points above a line, none below another, in a straight line between."""
    cause = cause_of(seen)
    if cause is not None:
        return follows("B2", cause)
    if "B2" in seen.unmeasured or not seen.tries:
        return unknown("B2", "time-over")
    worked = sum(one.well for one in seen.tries)
    rate = worked / len(seen.tries)
    evidence = [of_exchange(one) for one in seen.tries]
    if not worked and not seen.home6.well:
        return follows("B2", "B1")
    full, none = thresholds().steady["full"], thresholds().steady["nothing"]
    credit = 1.0 if rate >= full else max(0.0, (rate - none) / (full - none))
    faults = [Fault("unsteady", seen.site.host, seen.site.host, f"{worked}/{len(seen.tries)}", 1 - credit)]
    return rated("B2", credit, faults if credit < 1 else (), evidence)


def ports(seen: Measurement) -> Outcome:
    """B3: of 80 and 443 what IPv4 has open is open over IPv6 too, and the certificate holds for the name."""
    cause = cause_of(seen)
    if cause is not None:
        return follows("B3", cause)
    web = [one for one in seen.ports if one.port in _WEB]
    wanted = {one.port for one in web if one.open and ":" not in one.address}
    over6 = {one.port: one for one in web if ":" in one.address}
    if not wanted:
        # Nothing to compare with: what the home page itself needs has to be open.
        parts = parsed(seen.site.url)
        wanted = {parts.port} & set(over6) if parts else set()
    evidence = [of_dial(one) for one in web]
    faults = [
        Fault("port-closed", f"{seen.site.host} TCP {port}", seen.site.host, over6[port].failure)
        for port in sorted(wanted)
        if port in over6 and not over6[port].open
    ]
    judged = sum(port in over6 for port in wanted)
    encrypted = [hop for hop in seen.home6.hops if hop.encrypted]
    if encrypted:
        judged += 1
        evidence += [of_exchange(hop) for hop in encrypted]
        faults += _certificate(seen)
    if not judged:
        return nothing("B3", "no-ports", evidence)
    lost = len(faults) / judged
    return rated("B3", 1 - lost, shared(faults, lost), evidence)


def _certificate(seen: Measurement) -> list[Fault]:
    """The first certificate of the home page that does not hold."""
    for hop in seen.home6.hops:
        parts = parsed(hop.url)
        if hop.certificate and parts:
            return [Fault("certificate", parts.host, parts.host, hop.certificate)]
    return []


def exposed(seen: Measurement) -> tuple[Dial, ...]:
    """Ports that are open over IPv6 and not over IPv4: a firewall that knows one family only."""
    over4 = {one.port: one for one in seen.ports if ":" not in one.address}
    if not any(one.open for one in over4.values()):
        # IPv4 is not there, or the probe has none: nothing says that somebody filters it.
        return ()
    return tuple(
        one
        for one in seen.ports
        if ":" in one.address and one.open and one.port not in _WEB and one.port in over4 and not over4[one.port].open
    )

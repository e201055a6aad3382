"""E1 to E5: how much slower IPv6 is than IPv4, by the medians of samples that were taken in turn."""

from collections.abc import Callable
from statistics import median
from typing import Final

from inventory.ipv6.checks.check import cause_of, follows, nothing, rated, unknown
from inventory.ipv6.checks.thresholds import thresholds
from inventory.ipv6.model import Evidence, Fault, Measure, Measurement, Outcome
from sensors.event.times import SECOND

_MS: Final = SECOND // 1_000


def speed(check: str, measure: Measure) -> Callable[[Measurement], Outcome]:
    """The check of one measure: (v6 - v4) / v4 up to a line is full, up to another half."""

    def judge(seen: Measurement) -> Outcome:
        cause = cause_of(seen, page=measure != "dns")
        if cause is not None:
            return follows(check, cause)
        if check in seen.unmeasured:
            return unknown(check, "time-over")
        samples = seen.samples.get(measure)
        if seen.home4 is None or not seen.home4.last.address:
            return nothing(check, "no-ipv4")
        if not seen.home4.well:
            return unknown(check, "ipv4-fails")
        if samples is None or not samples.v4 or not samples.v6:
            return nothing(check, "nothing-to-time")
        v4, v6 = median(samples.v4), median(samples.v6)
        said = f"{measure}: IPv4 {v4 / _MS:.1f} ms, IPv6 {v6 / _MS:.1f} ms"
        evidence = [Evidence(seen.at, seen.site.host, said)]
        slower = (v6 - v4) / v4 if v4 else 0.0
        lines = thresholds()
        quick = max(v4, v6) <= lines.floors_ms[measure] * _MS
        rate = 1.0 if quick or slower <= lines.slower["full"] else 0.5 if slower <= lines.slower["half"] else 0.0
        faults = [Fault(f"slow-{measure}", seen.site.host, seen.site.host, f"{slower:+.0%}", 1 - rate)]
        return rated(check, rate, faults if rate < 1 else (), evidence)

    return judge

"""All checks, in the order in which the audit tells of them: names first, since the others stand on them."""

from typing import Final

from inventory.ipv6.checks import likeness, linking, naming, reaching
from inventory.ipv6.checks.check import Check
from inventory.ipv6.checks.speed import speed
from inventory.ipv6.model import Measurement, Outcome

CHECKS: Final = (
    Check("A1", "reach", naming.addresses),
    Check("A2", "reach", naming.global_unicast),
    Check("A3", "full", naming.servers),
    Check("A4", "full", naming.reachable_servers),
    Check("B1", "reach", reaching.home),
    Check("B2", "full", reaching.tries),
    Check("B3", "full", reaching.ports),
    Check("C1", "full", linking.second_level),
    Check("C2", "full", linking.third_level),
    Check("D1", "full", likeness.likeness),
    Check("D2", "full", linking.parts),
    Check("E1", "full", speed("E1", "dns")),
    Check("E2", "full", speed("E2", "connect")),
    Check("E3", "full", speed("E3", "first")),
    Check("E4", "full", speed("E4", "page")),
    Check("E5", "full", speed("E5", "download")),
)


def judged(seen: Measurement) -> tuple[Outcome, ...]:
    """What comes of every check that the measurement is deep enough for."""
    return tuple(check.judge(seen) for check in CHECKS if check.depth == "reach" or seen.depth == "full")

"""The test of the probe itself: without a way into IPv6 nothing is known of any site, and nothing has failed.

A probe that took its own want of IPv6 for that of the sites would call a whole city broken (Internet.nl, issue 1597).
"""

from collections.abc import Sequence
from typing import Final

from inventory.ipv6.model import Evidence, SelfTest
from inventory.ipv6.special import registry
from inventory.probing.model import Lookup
from inventory.probing.ports import Network

_PORTS: Final = (443, 80)


def self_test(network: Network, controls: Sequence[str]) -> SelfTest:
    """Whether one of the control names resolves, has a route and takes a connection over IPv6."""
    evidence: list[Evidence] = []
    resolved = routed = False
    for name in controls:
        lookup = _resolved(network, name)
        if lookup is None:
            continue
        evidence.append(Evidence(lookup.at, lookup.server, f"{name} AAAA: {', '.join(lookup.records) or lookup.told}"))
        for address in [one for one in lookup.records if registry().usable(one)][:2]:
            resolved = True
            if not network.reaches(address):
                evidence.append(Evidence(network.now(), address, "no route"))
                continue
            routed = True
            for port in _PORTS:
                dial = network.dial(address, port)
                evidence.append(Evidence(dial.at, address, f"TCP {port}: {dial.failure or 'open'}"))
                if dial.open:
                    return SelfTest(well=True, evidence=tuple(evidence))
    reason = "ipv6-no-controls" if not resolved else "ipv6-no-route" if not routed else "ipv6-controls-silent"
    return SelfTest(well=False, reason=reason, evidence=tuple(evidence))


def _resolved(network: Network, name: str) -> Lookup | None:
    last: Lookup | None = None
    for server in network.resolvers:
        last = network.ask(server, name, "AAAA")
        if last.told == "found":
            break
    return last

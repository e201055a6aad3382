"""What is listed and not scored: who else lacks IPv6, mail, DNSSEC, HTTP/3, and ports that only IPv4 filters.

Specification: RFC 7208 (SPF), RFC 4034 (DS), RFC 9460 (HTTPS records), RFC 7838 (Alt-Svc), RFC 9114 (HTTP/3).
"""

import re
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from inventory.ipv6.checks.reaching import exposed
from inventory.ipv6.model import Measurement
from inventory.ipv6.special import registry
from inventory.probing.model import Lookup

Topic: TypeAlias = Literal["elsewhere", "mail", "spf", "dnssec", "http3", "port"]
State: TypeAlias = Literal["yes", "no", "unknown"]
_H3: Final = re.compile(r"\bh3\b")


@dataclass(frozen=True, slots=True)
class Listed:
    """One thing beside the score; `state`: whether it is there."""

    topic: Topic
    subject: str
    state: State
    detail: str = ""


def listed(seen: Measurement) -> tuple[Listed, ...]:
    """Everything that is listed of a site; ports that are open over IPv6 alone come first, since they are a danger."""
    beside, host = seen.beside, seen.site.host
    found = [Listed("port", f"{host} TCP {one.port}", "yes", one.address) for one in exposed(seen)]
    found += [_addressed("mail", one) for one in beside.mail]
    if beside.spf:
        # "include" and "redirect" may name IPv6 too; only what the policy itself says is told.
        found.append(Listed("spf", seen.zone, "yes" if "ip6:" in beside.spf.lower() else "no", beside.spf))
    if beside.signed is not None:
        signed = _state(beside.signed)
        found.append(Listed("dnssec", seen.zone, signed, "validated" if beside.authentic else ""))
    if seen.depth == "full":
        service = " ".join(beside.service.records) if beside.service else ""
        offered = _H3.search(beside.alternative) or _H3.search(service)
        found.append(Listed("http3", host, "yes" if offered else "no", beside.alternative or service))
    found += [_addressed("elsewhere", one) for one in beside.elsewhere]
    return tuple(found)


def _addressed(topic: Topic, lookup: Lookup) -> Listed:
    usable = [one for one in lookup.records if registry().usable(one)]
    state: State = "yes" if usable else "no" if lookup.answered else "unknown"
    return Listed(topic, lookup.name, state, ", ".join(usable))


def _state(lookup: Lookup) -> State:
    return "yes" if lookup.records else "no" if lookup.answered else "unknown"

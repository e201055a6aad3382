"""A1 to A4: addresses of the site's names, whether they are global, and name servers that IPv6 reaches.

Specification: RFC 3596 (AAAA), RFC 6890 (special-purpose addresses), RFC 3901 as revised (name servers over IPv6).
"""

from inventory.ipv6.checks.check import cause_of, nothing, of_lookup, rated, shared, unknown
from inventory.ipv6.model import Fault, Measurement, NameServer, Outcome
from inventory.ipv6.special import registry
from inventory.probing.urls import literal

_HALF = 0.5


def addresses(seen: Measurement) -> Outcome:
    """A1: AAAA for www and apex, by every resolver that answers; half where the counterpart or a resolver has none."""
    if literal(seen.site.host):
        return nothing("A1", "address-literal")
    evidence = [of_lookup(one) for one in seen.lookups if one.type == "AAAA"]
    states = {name: _state(seen, name) for name in seen.site.names}
    own = states[seen.site.host]
    if own == "unknown":
        return unknown("A1", "names-not-known", evidence)
    others = {name: state for name, state in states.items() if name != seen.site.host and _is_there(seen, name)}
    faults = [
        Fault(_FAULTS[state], name, name, _detail(seen, name))
        for name, state in ({seen.site.host: own} | others).items()
        if state in _FAULTS
    ]
    if own in {"no", "error"}:
        # What the counterpart lacks is mended beside it.
        return rated("A1", 0, shared(faults, 1), evidence)
    return rated("A1", _HALF if faults else 1, shared(faults, _HALF), evidence)


_FAULTS = {"no": "no-record", "differs": "resolvers-differ", "error": "lookup-fails"}


def _state(seen: Measurement, name: str) -> str:
    told = seen.of(name, "AAAA")
    answered = [one for one in told if one.answered]
    if not answered:
        # A resolver that cannot be reached says nothing of the site; one that reports an error does.
        return "error" if any(one.told in {"error", "loop"} for one in told) else "unknown"
    having = sum(bool(one.records) for one in answered)
    return "no" if not having else "yes" if having == len(answered) else "differs"


def _is_there(seen: Measurement, name: str) -> bool:
    """Whether a counterpart exists at all: who has no address over IPv4 either is not missed."""
    return any(one.records for kind in ("A", "AAAA") for one in seen.of(name, kind))


def _detail(seen: Measurement, name: str) -> str:
    chain = next((one.chain for one in seen.of(name, "AAAA") if one.chain), ())
    return " → ".join(chain)


def global_unicast(seen: Measurement) -> Outcome:
    """A2: no AAAA of the site's names is of a special-purpose block."""
    told = [one for one in seen.lookups if one.type == "AAAA" and one.records]
    records = {(record, one.name) for one in told for record in one.records}
    evidence = [of_lookup(one) for one in told]
    if not records:
        cause = cause_of(seen)
        return unknown("A2", "names-not-known") if cause == "?" else nothing("A2", "no-addresses")
    wrong = [
        Fault("address-special", record, name, why)
        for record, name in sorted(records)
        if (why := registry().why_not(record))
    ]
    return rated("A2", 0 if wrong else 1, shared(wrong, 1), evidence)


def servers(seen: Measurement) -> Outcome:
    """A3: two or more authoritative name servers have a global AAAA; one is half."""
    if literal(seen.site.host):
        return nothing("A3", "address-literal")
    if not seen.servers:
        return unknown("A3", "zone-not-found")
    evidence = [of_lookup(one.addresses) for one in seen.servers]
    having = [one for one in seen.servers if _usable(one)]
    lacking = [one for one in seen.servers if not _usable(one)]
    asked = [one for one in lacking if one.addresses.answered]
    if len(having) < 2 and len(asked) < len(lacking):
        return unknown("A3", "names-not-known", evidence)
    if len(having) >= 2:
        return rated("A3", 1, evidence=evidence)
    lost = 1.0 if not having else _HALF
    # As many as are missing; where there are more, any of them will do.
    faults = [Fault("server-no-record", one.name, one.name) for one in asked[: 2 - len(having)]]
    faults = faults or [Fault("servers-few", seen.zone, seen.zone)]
    return rated("A3", 1 - lost, shared(faults, lost), evidence)


def _usable(server: NameServer) -> bool:
    return any(registry().usable(record) for record in server.addresses.records)


def reachable_servers(seen: Measurement) -> Outcome:
    """A4: each of them answers for the zone over IPv6, over UDP and TCP, with authority."""
    if literal(seen.site.host):
        return nothing("A4", "address-literal")
    if not seen.servers:
        return unknown("A4", "zone-not-found")
    answers = [(server, answer) for server in seen.servers for answer in server.answers]
    evidence = [of_lookup(answer) for _, answer in answers]
    if not answers:
        if all(one.addresses.answered for one in seen.servers):
            return Outcome("A4", "fail", reason="follows", cause="A3")
        return unknown("A4", "names-not-known")
    faults = [
        Fault(
            "server-silent" if answer.told != "found" else "server-lame",
            f"{server.name} {answer.transport}",
            server.name,
            f"{answer.server}: {answer.detail}",
        )
        for server, answer in answers
        if answer.told != "found" or not answer.authoritative
    ]
    lost = len(faults) / len(answers)
    return rated("A4", 1 - lost, shared(faults, lost), evidence)

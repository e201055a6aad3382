"""The contract of a check, and what several of them ask of a measurement before they judge."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from inventory.ipv6.model import Depth, Evidence, Fault, Measurement, Outcome, Status
from inventory.probing.model import Dial, Exchange, Lookup

_SHOWN: Final = 20
"""Pieces of evidence of one outcome."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check; `depth`: the least that has to be measured for it."""

    id: str
    depth: Depth
    judge: Callable[[Measurement], Outcome]


def cause_of(seen: Measurement, *, page: bool = False) -> str | None:
    """What failed before, so that nothing can be had over IPv6: A1, A2, with `page` also B1; `?` where it is not known.

    None: nothing failed.
    """
    if not seen.usable:
        told = [one for one in seen.lookups if one.name == seen.site.host and one.type == "AAAA"]
        if any(one.records for one in told):
            return "A2"
        return "A1" if any(one.answered or one.told in {"error", "loop"} for one in told) else "?"
    return "B1" if page and not seen.home6.well else None


def follows(check: str, cause: str) -> Outcome:
    """The outcome of a check that could not pass because of another one."""
    if cause == "?":
        return unknown(check, "names-not-known")
    return Outcome(check, "fail", reason="follows", cause=cause)


def unknown(check: str, reason: str, evidence: Iterable[Evidence] = ()) -> Outcome:
    """It cannot be said."""
    return Outcome(check, "unknown", reason=reason, evidence=tuple(evidence)[:_SHOWN])


def nothing(check: str, reason: str, evidence: Iterable[Evidence] = ()) -> Outcome:
    """There is nothing that the check could be about."""
    return Outcome(check, "n/a", reason=reason, evidence=tuple(evidence)[:_SHOWN])


def rated(
    check: str, rate: float, faults: Iterable[Fault] = (), evidence: Iterable[Evidence] = (), reason: str = ""
) -> Outcome:
    """The outcome of a rate between 0 and 1."""
    status: Status = "pass" if rate >= 1 else "fail" if rate <= 0 else "partial"
    return Outcome(check, status, min(1.0, max(0.0, rate)), tuple(faults), tuple(evidence)[:_SHOWN], reason)


def shared(faults: list[Fault], lost: float) -> tuple[Fault, ...]:
    """Faults with what is lost spread over them evenly."""
    return tuple(
        Fault(one.reason, one.subject, one.host, one.detail, lost / len(faults)) for one in faults
    )


def of_lookup(lookup: Lookup) -> Evidence:
    """A question and its answer as evidence."""
    asked = f"{lookup.name} {lookup.type} ({lookup.transport}): "
    said = lookup.raw or ", ".join(lookup.records)
    code = lookup.told if lookup.told in {"found", "none"} else f"{lookup.told} {lookup.detail}"
    return Evidence(lookup.at, lookup.server, f"{asked}{code}\n{said}".strip())


def of_exchange(exchange: Exchange) -> Evidence:
    """An exchange as evidence."""
    said = [str(exchange.status)] if exchange.status else []
    said += [word for word in (exchange.failure, exchange.detail, exchange.certificate) if word]
    location = exchange.header("Location")
    said += [f"Location: {location}"] if location else []
    return Evidence(exchange.at, exchange.address, f"GET {exchange.url}: {', '.join(said)}")


def of_dial(dial: Dial) -> Evidence:
    """An attempt to connect as evidence."""
    return Evidence(dial.at, dial.address, f"TCP {dial.port}: {dial.failure or 'open'}")

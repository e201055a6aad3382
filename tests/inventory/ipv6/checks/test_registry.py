"""Whatever was measured, every check has an outcome that holds together."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.ipv6.checks.registry import CHECKS, judged
from inventory.ipv6.findings import findings
from inventory.ipv6.listing import listed
from inventory.ipv6.model import Beside, Links, Measurement, NameServer, Reached, Samples
from inventory.ipv6.profiles import profiles
from inventory.ipv6.repairs import repairs
from inventory.ipv6.sites import site_of
from inventory.probing.model import Dial, Exchange, Lookup, Visit
from tests.inventory.ipv6.values import HOST

ADDRESSES = ("240e::1", "fd00::1", "::1", "202.103.24.80", "nonsense")
URLS = (f"https://{HOST}/", f"http://{HOST}/a", "https://other.example.gov.cn/", "nonsense")
FAILURES = ("", "timeout", "refused", "dns", "no-address", "address-refused", "tls", "slow", "stopped")
names = st.sampled_from((HOST, "example.gov.cn", "ns1.example.gov.cn"))
few: dict[str, Any] = {"max_size": 3}


def tuples(one: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(one, **few).map(tuple)


lookups = st.builds(
    Lookup, name=names, type=st.sampled_from(("A", "AAAA", "SOA", "HTTPS")), server=st.just("127.0.0.53"),
    transport=st.sampled_from(("udp", "tcp")), at=st.just(0), took=st.integers(0, 10**10),
    told=st.sampled_from(("found", "none", "no-name", "error", "loop", "timeout", "unreachable", "malformed")),
    records=tuples(st.sampled_from(ADDRESSES)), chain=tuples(names), authoritative=st.booleans(),
)  # fmt: skip
exchanges = st.builds(
    Exchange, url=st.sampled_from(URLS), family=st.sampled_from((4, 6)), address=st.sampled_from(("", *ADDRESSES)),
    at=st.just(0), status=st.sampled_from((0, 200, 204, 302, 404, 503)), failure=st.sampled_from(FAILURES),
    headers=st.sampled_from(((), (("Content-Type", "text/html"),), (("Alt-Svc", "h3"),))), body=st.binary(max_size=40),
    certificate=st.sampled_from(("", "expired")), encrypted=st.booleans(),
)  # fmt: skip
visits = st.builds(
    Visit, hops=st.lists(exchanges, min_size=1, max_size=3).map(tuple),
    ended=st.sampled_from(("", "redirect-loop", "redirect-unusable")), left=st.sampled_from(("", *URLS)),
)  # fmt: skip
reached = st.builds(
    Reached, url=st.sampled_from(URLS), host=names, at=st.just(0), status=st.sampled_from((0, 200, 404)),
    failure=st.sampled_from((*FAILURES, "status", "redirect-loop")), anyway=st.sampled_from((None, True, False)),
)  # fmt: skip
links = st.builds(Links, found=st.integers(0, 9), tried=tuples(reached))
times = tuples(st.integers(0, 10**10))
measurements = st.builds(
    Measurement, site=st.sampled_from((site_of(f"https://{HOST}/"), site_of("https://[240e::1]/"))), at=st.just(0),
    vantage=st.just(""), depth=st.sampled_from(("reach", "full")), lookups=tuples(lookups),
    usable=tuples(st.just("240e::1")), home6=visits, known=tuples(lookups), home4=st.none() | visits,
    zone=st.just("example.gov.cn"),
    servers=tuples(st.builds(NameServer, name=names, addresses=lookups, answers=tuples(lookups))),
    tries=tuples(exchanges),
    ports=tuples(
        st.builds(
            Dial, address=st.sampled_from(ADDRESSES), port=st.sampled_from((80, 443, 8080)), at=st.just(0),
            took=st.just(0), failure=st.sampled_from(("", "refused")),
        )
    ),
    second=links, third=links, parts=links, again4=st.none() | exchanges,
    samples=st.dictionaries(st.sampled_from(("dns", "connect", "page")), st.builds(Samples, v4=times, v6=times)),
    beside=st.builds(Beside, elsewhere=tuples(lookups), mail=tuples(lookups), signed=st.none() | lookups),
    unmeasured=st.frozensets(st.sampled_from(("B2", "C1", "C2", "D2", "E1"))),
)  # fmt: skip


def test_ids_are_unique_and_in_order() -> None:
    ids = [check.id for check in CHECKS]
    assert ids == sorted(set(ids))


@settings(max_examples=150)
@given(measurements)
def test_every_outcome_holds_together(seen: Measurement) -> None:
    outcomes = judged(seen)
    assert [one.check for one in outcomes] == [one.id for one in CHECKS if seen.depth == "full" or one.depth == "reach"]
    for one in outcomes:
        assert {"pass": one.rate == 1, "partial": 0 < one.rate < 1}.get(one.status, one.rate == 0), one
        assert one.status in {"partial", "fail"} or not one.faults, one
        # What is lost has a fault, or a check that failed before and that has one.
        assert one.status not in {"partial", "fail"} or one.faults or one.cause, one
        assert sum(fault.share for fault in one.faults) <= 1 + 1e-9, one
    found = findings(seen, outcomes, profiles()["cac-like"])
    assert len({one.id for one in found}) == len(found)
    mends = [finding for repair in repairs(seen, found) for finding in repair.mends]
    assert sorted(mends) == sorted(one.id for one in found)
    listed(seen)

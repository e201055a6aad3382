from collections.abc import Mapping, Sequence
from typing import Any

from inventory.observing.comparing import Compared, differences
from inventory.observing.declared import Declared
from inventory.observing.model import Proof, Proposal, Seen, Sighting

ASKED = Compared("2026-03-31", 10, "2026-01-01")
MAC, OTHER = "00:00:00:00:00:01", "00:00:00:00:00:02"


def _seen(address: str, sign: Any = "traffic", value: str = "", last: str = "2026-03-30") -> Seen:
    return Seen(Sighting(address, sign, value), "2026-01-05", last, Proof("network.flow", "e", "eth0"))


def _declared(*addresses: str, **values: Any) -> Declared:
    return Declared("assets", "id", "A1", addresses, values)


def _differences(
    declared: Sequence[Declared], seen: Sequence[Seen], networks: Mapping[str, Mapping[str, str]] | None = None,
    asked: Compared = ASKED,
) -> list[Proposal]:  # fmt: skip
    by_address: dict[str, list[Seen]] = {}
    for one in seen:
        by_address.setdefault(one.sighting.address, []).append(one)
    return list(differences(declared, by_address, networks or {}, asked))


def test_what_is_as_declared_is_no_difference() -> None:
    assert _differences([_declared("10.1.0.1", mac=MAC)], [_seen("10.1.0.1", "mac", MAC)]) == []


def test_what_nobody_registered_is_proposed_with_all_that_was_seen_of_it() -> None:
    seen = [_seen("10.1.0.9"), _seen("10.1.0.9", "service", "tcp/443"), _seen("10.1.0.9", "mac", MAC),
            _seen("10.1.0.9", "server_name", "oa.example")]  # fmt: skip
    (found,) = _differences([], seen, {"10.0.0.0/8": {"unit": "U1"}, "10.1.0.0/16": {"unit": "U2"}})
    assert (found.difference, found.register, found.record) == ("unregistered", "assets", "")
    assert found.seen == {
        "code": "10.1.0.9", "addresses": ["10.1.0.9"], "unit": "U2", "mac": MAC, "note": "tcp/443; oa.example",
    }  # fmt: skip
    assert _differences([], [_seen("10.1.0.9", last="2026-03-01")]) == []


def test_one_is_gone_only_where_one_could_have_been_seen() -> None:
    silent = _declared("10.1.0.1")
    neighbour = _declared("10.1.0.7")
    (found,) = _differences([silent, neighbour], [_seen("10.1.0.7"), _seen("10.1.0.1", last="2026-02-01")])
    assert (found.difference, found.key, found.last) == ("gone", "A1", "2026-02-01")
    assert _differences([silent], [_seen("10.2.0.7")])[0].difference == "unregistered"
    assert _differences([silent, neighbour], [_seen("10.1.0.7")], asked=Compared("2026-03-31", 10, "2026-03-25")) == []


def test_another_hardware_address_or_name_is_a_drift_and_a_domain_behind_the_name_is_none() -> None:
    declared = [_declared("10.1.0.1", mac=MAC, hostname="web01")]
    (found,) = _differences(declared, [_seen("10.1.0.1", "mac", OTHER), _seen("10.1.0.1", "host_name", "db01")])
    assert (found.difference, found.said, found.seen) == (
        "drifted", {"mac": MAC, "hostname": "web01"}, {"mac": OTHER, "hostname": "db01"},
    )  # fmt: skip
    assert _differences(declared, [_seen("10.1.0.1", "host_name", "web01.wuhan.example")]) == []


def test_ipv6_in_use_is_told_by_the_same_hardware_address() -> None:
    declared = [_declared("10.1.0.1", mac=MAC, ipv6_capable=False)]
    seen = [_seen("10.1.0.1", "mac", MAC), _seen("fd00::1", "mac", MAC), _seen("fd00::1"), _seen("fe80::1", "mac", MAC)]
    drifted, *others = _differences(declared, seen)
    assert drifted.seen == {"ipv6_capable": True, "addresses": ["10.1.0.1", "fd00::1"]}
    assert [one.difference for one in others] == ["unregistered", "unregistered"]


def test_a_router_with_many_addresses_is_not_taken_for_all_of_them() -> None:
    declared = [_declared("10.1.0.1", mac=MAC)]
    seen = [_seen(f"10.1.{number}.1", "mac", MAC) for number in range(40)]
    assert {one.difference for one in _differences(declared, seen)} == {"unregistered"}

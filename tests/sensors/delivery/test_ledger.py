"""A balance holds or says by how much it fails."""

import pytest

from sensors.delivery.ledger import EVENTS, PACKETS, RECORDS, balances
from sensors.delivery.report import source_report, verdict
from tests.sensors.delivery.making import source

COUNTS = {
    (PACKETS, "read"): 10, (PACKETS, "flow"): 7, (PACKETS, "non_ip"): 2, (PACKETS, "malformed"): 1,
    (RECORDS, "read"): 9, (RECORDS, "event"): 6, (RECORDS, "rejected"): 2, (RECORDS, "skipped"): 1,
    (EVENTS, "sensed"): 6, (EVENTS, "spooled"): 6, (EVENTS, "stored"): 2, (EVENTS, "duplicate"): 1,
    (EVENTS, "quarantined"): 1, (EVENTS, "expired"): 1,
}


def test_the_four_balances_of_a_source() -> None:
    found = {balance.name: (balance.total, balance.missing) for balance in balances("id", COUNTS, pending=1)}
    assert found == {"packets": (10, 0), "records": (9, 0), "sensed": (6, 0), "delivered": (6, 0)}


def test_a_source_without_packets_has_no_balance_of_packets() -> None:
    assert [balance.name for balance in balances("id", {(EVENTS, "sensed"): 0}, 0)] == ["sensed", "delivered"]


@pytest.mark.parametrize("key", sorted(COUNTS))
@pytest.mark.parametrize("change", [-1, 1])
def test_every_single_count_that_is_off_by_one_is_noticed(key: tuple[str, str], change: int) -> None:
    wrong = source_report(source(), "pcap", COUNTS | {key: COUNTS[key] + change}, 1)
    right = source_report(source("b"), "pcap", COUNTS, 1)
    assert (wrong.complete, right.complete) == (False, True)
    answer = verdict([right, wrong])
    assert not answer.complete
    assert set(answer.missing.values()) == {1}


def test_too_many_and_too_few_do_not_cancel_out() -> None:
    less = source_report(source("a"), "", COUNTS | {(EVENTS, "stored"): 1}, 1)
    more = source_report(source("b"), "", COUNTS | {(EVENTS, "stored"): 3}, 1)
    assert verdict([less, more]).missing == {"delivered": 2}

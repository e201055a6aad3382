from correlation.trying.measuring import BATCHES_AT_ONCE, Events, cost_of
from tests.correlation.matcher.making import make_batch, make_rule

WEB = make_rule({"s": {"A": "x"}, "condition": "s"})
OTHER = make_rule({"s": {"A|contains": "y"}, "condition": "s"})


def test_what_is_found_is_counted_and_time_is_spent() -> None:
    events = Events([make_batch([{"A": "x"}, {"A": "xy"}, {"A": "z"}]) for _ in range(BATCHES_AT_ONCE + 3)], 1_000)
    cost = cost_of([WEB, OTHER], events)
    assert (cost.rules, cost.events, cost.matches, events.all) == (2, 3 * 53, 2 * 53, True)
    assert min(cost.compiling, cost.cold, cost.warm) > 0
    assert sum(len(batch) for batch in events) == 3 * 53


def test_whole_batches_are_taken_until_there_are_enough() -> None:
    events = Events((make_batch([{"A": str(number)}] * 10) for number in range(9)), 25)
    assert (events.count, events.all) == (30, False)
    assert Events([make_batch([{"A": "x"}] * 10)], 10).all

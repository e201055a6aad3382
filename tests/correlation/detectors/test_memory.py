"""What detectors remember is bounded, and answers as the definition read aloud."""

from hypothesis import given
from hypothesis import strategies as st

from correlation.detectors.memory import Bounded, Distinct, Quiet

STEPS = st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 6), st.integers(0, 4)), max_size=40)


@given(STEPS)
def test_distinct_tells_when_there_are_enough_different_values_within_the_period(
    steps: list[tuple[str, int, int]],
) -> None:
    distinct: Distinct[int] = Distinct(3, 10, 100)
    time = 0
    seen: list[tuple[str, int, int]] = []
    for key, value, gap in steps:
        time += gap
        seen.append((key, value, time))
        last = {v: t for k, v, t in seen if k == key}
        newest = sorted(last.values())[-3:]
        wanted = len(newest) == 3 and time - newest[0] <= 10
        assert (distinct.add((key,), value, time, value) is not None) == wanted


@given(STEPS)
def test_what_is_dumped_and_loaded_goes_on_alike(steps: list[tuple[str, int, int]]) -> None:
    one: Distinct[int] = Distinct(3, 10, 2)
    quiet = Quiet(7, 2)
    time = 0
    for key, value, gap in steps:
        time += gap
        other: Distinct[int] = Distinct(3, 10, 2)
        other.load(one.dump())
        calm = Quiet(7, 2)
        calm.load(quiet.dump())
        assert other.add((key,), value, time, value) == one.add((key,), value, time, value)
        assert calm.tell((key,), time) == quiet.tell((key,), time)
        assert (other.dump(), calm.dump()) == (one.dump(), quiet.dump())


def test_the_longest_unused_is_forgotten_and_counted() -> None:
    kept: Bounded[int] = Bounded(2)
    kept.put(("a",), 1)
    kept.put(("b",), 2)
    assert kept.get(("a",)) == 1
    kept.put(("c",), 3)
    assert (kept.get(("b",)), kept.get(("a",)), len(kept), kept.given_up) == (None, 1, 2, 1)


def test_a_key_is_told_once_within_the_period_and_in_an_older_recording_again() -> None:
    quiet = Quiet(10)
    told = [time for time in (0, 5, 9, 10, 12, 20) if quiet.tell(("a",), time)]
    assert told == [0, 10, 20]
    assert quiet.tell(("a",), -100)

from hypothesis import given
from hypothesis import strategies as st

from correlation.posture.blending import Part, blended
from correlation.posture.model import Item, Step


def _item(subject: str, points: int) -> Item:
    return Item("incident", "incident", subject, points, (Step("severity-high", points),))


PARTS = st.lists(
    st.builds(
        lambda weight, items: (weight, tuple(_item(subject, points) for subject, points in items.items())),
        st.integers(1, 9),
        st.dictionaries(st.sampled_from("abcdefg"), st.integers(0, 1_000_000), max_size=5),
    ),
    min_size=1, max_size=6,
).map(lambda parts: [Part(f"p{number}", *part) for number, part in enumerate(parts)])  # fmt: skip


@given(PARTS, st.integers(0, 100))
def test_a_whole_lies_between_its_parts_and_is_the_sum_of_its_items(parts: list[Part], worst: int) -> None:
    lost = [sum(item.points for item in part.items) for part in parts]
    whole = sum(item.points for item in blended(parts, worst))
    assert min(lost) - 1 <= whole <= max(lost)
    assert whole >= max(lost) * worst // 100 - 1


def test_what_parts_have_in_common_is_one_item() -> None:
    found = blended([Part("p", 1, (_item("a", 10), _item("b", 4))), Part("q", 3, (_item("a", 6),))], 50)
    assert [(item.subject, [one.scope for one in item.passed]) for item in found] == [("a", ["p", "q"]), ("b", ["p"])]
    # Half by the worst part (14), half by the mean: (14 + 3 x 6) / 4.
    assert sum(item.points for item in found) == (14 * 4 + 14 + 18) // 8


def test_of_equally_bad_parts_the_first_by_name_counts_as_the_worst() -> None:
    parts = [Part("q", 1, (_item("a", 10),)), Part("p", 1, (_item("b", 10),))]
    assert {item.subject: item.points for item in blended(parts, 100)} == {"a": 0, "b": 10}
    assert blended([], 50) == ()

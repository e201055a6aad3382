import pytest

from correlation.context.model import Entry, Known, Range, Space


def test_invariants_are_checked_at_birth() -> None:
    one = Range(4, 1, 2)
    for wrong in (
        lambda: Range(4, 2, 1),
        lambda: Range(4, 0, 1 << 32),
        lambda: Range(6, -1, 1),
        lambda: Entry(Known("a")),
        lambda: Entry(Known(), one),
        lambda: Entry(Known("a"), one, valid_from=5, valid_to=5),
        lambda: Space("", frozenset({"1"})),
        lambda: Space("a"),
    ):
        with pytest.raises(ValueError, match=r"^an? "):
            wrong()


def test_a_place_is_no_part_of_what_is_said() -> None:
    assert Entry(Known("a"), Range(4, 1, 2)).place.file == ""
    assert Range(6, 0, 9).size == 10

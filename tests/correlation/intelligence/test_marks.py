import orjson

from correlation.intelligence import marks
from correlation.intelligence.marks import Marks


def test_a_part_is_known_by_its_mark() -> None:
    found = Marks('{"a": 1, "b": [2, 3], "gone": 4}')
    assert (found.known("a", 1), found.known("b", [2, 3]), found.known("a", 2), found.known("c", None)) == (
        True, True, False, False,
    )  # fmt: skip


def test_what_was_not_looked_at_keeps_its_mark_until_the_end() -> None:
    found = Marks('{"a": 1, "b": 2, "gone": 4}')
    assert found.known("a", 1)
    found.enter("b", 3)
    assert orjson.loads(found.unended()) == {"a": 1, "b": 3, "gone": 4}
    assert orjson.loads(found.ended()) == {"a": 1, "b": 3}


def test_what_could_not_be_read_is_remembered_as_that() -> None:
    found = Marks('{"a": 1}')
    found.miss("a")
    found.miss("b")
    again = Marks(found.ended())
    assert (again.missed("a"), again.missed("b"), again.missed("c")) == (True, True, False)
    assert not again.known("a", 1)


def test_marks_are_told_now_and_then() -> None:
    found = Marks("")
    told = []
    for number in range(2 * marks.PARTS + 1):
        found.enter(str(number), number)
        told.append(found.due())
    positions = [one for one in told if one is not None]
    assert [len(orjson.loads(one)) for one in positions] == [marks.PARTS, 2 * marks.PARTS]


def test_a_position_that_is_none_of_ours_is_none() -> None:
    for position in ("", "2026-01-01T00:00:00Z", "[1]", "{"):
        assert not Marks(position).known("a", None)

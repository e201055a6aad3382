import io

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.vulnerabilities.formats import documents
from inventory.vulnerabilities.formats.documents import array_objects, line_objects
from sensors.errors import Problem

values = st.recursive(
    st.none() | st.booleans() | st.integers(-9_999, 9_999) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=10,
)


@given(
    st.lists(st.dictionaries(st.text(max_size=4), values, max_size=3), max_size=5),
    st.dictionaries(st.text(max_size=4), values, max_size=3), st.integers(1, 9),
)  # fmt: skip
def test_whatever_the_pieces_the_objects_are_those_of_the_document(
    objects: list[dict[str, object]], head: dict[str, object], piece: int
) -> None:
    head.pop("x", None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(documents, "PIECE", piece)
        found = list(array_objects(io.BytesIO(orjson.dumps(head | {"x": objects})), "f", "x"))
        assert [one[1] for one in found if not isinstance(one, Problem)] == objects
        assert not any(isinstance(one, Problem) for one in found)


def test_lines_are_told_and_broken_ones_have_their_place() -> None:
    good, broken = array_objects(io.BytesIO(b'{"x":[\n{"a":1},\n{"a":\x01}]}'), "f", "x")
    assert good == (2, {"a": 1})
    assert isinstance(broken, Problem)
    assert broken.place is not None
    assert broken.place.line == 3


@pytest.mark.parametrize(
    "data", [b"[" * 100_000, b'{"x":[' + b'{"a":' * 100_000, b'{"x":[{"a":' + b"9" * 10_000 + b"}]}"]
)
def test_what_is_nested_or_long_without_end_is_told(data: bytes) -> None:
    found = list(array_objects(io.BytesIO(data), "f", "x"))
    assert isinstance(found[-1], Problem)
    assert isinstance(list(line_objects(io.BytesIO(data), "f"))[-1], Problem)


def test_what_is_too_long_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "LONGEST", 100)
    monkeypatch.setattr(documents, "PIECE", 16)
    long, short = line_objects(io.BytesIO(b'{"a":"' + b"x" * 200 + b'"}\n{"b":1}\n'), "f")
    assert isinstance(long, Problem)
    assert short == (2, {"b": 1})
    (told,) = array_objects(io.BytesIO(b'{"x":[{"a":"' + b"x" * 200 + b'"}]}'), "f", "x")
    assert isinstance(told, Problem)
    assert told.parameters["reason"] == "entry-too-large"

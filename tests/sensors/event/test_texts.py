import json

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.event.texts import Texts, plain

PLAIN = st.lists(st.text("0f.:Z", max_size=5), max_size=5)


def texts(values: list[str]) -> Texts:
    octets = b"".join(value.encode() + b"\n" for value in values)
    return Texts(octets, np.cumsum([0, *(len(value) + 1 for value in values)], dtype=np.int64))


@given(PLAIN, st.integers(-10, 10), st.integers(-10, 10), st.sampled_from([1, 2, -1, None]))
def test_they_are_what_a_list_of_them_is(values: list[str], first: int, last: int, step: int | None) -> None:
    made = texts(values)
    assert (len(made), list(made), repr(made)) == (len(values), values, repr(values))
    assert made == values
    assert made == texts(values)
    assert list(made[first:last:step]) == values[first:last:step]
    assert json.loads(made[first:last].json()) == values[first:last]  # type: ignore[attr-defined]
    assert [made[place] for place in range(-len(values), len(values))] == values * 2
    assert json.loads(orjson.dumps({"a": made}, default=plain)) == {"a": values}


def test_others_are_not_equal_to_them() -> None:
    made = texts(["a", "b"])
    assert made != texts(["a", "c"])
    assert made != ["a"]
    assert made != ("a", "b")


def test_a_place_behind_them_is_refused() -> None:
    with pytest.raises(IndexError):
        _ = texts(["a"])[1]


def test_json_has_no_form_for_anything_else() -> None:
    with pytest.raises(TypeError, match="no form for bytes"):
        plain(b"")

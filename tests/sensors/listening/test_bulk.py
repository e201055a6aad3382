import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sensors.listening.bulk import Action, MalformedBulk, answer, read_bulk

WORDS = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=8)
ADDING = st.builds(Action, st.sampled_from(["create", "index"]), WORDS, st.none() | WORDS, st.just(b'{"a":1}'))


@given(st.lists(ADDING, max_size=30))
def test_actions_are_read_as_they_were_written(actions: list[Action]) -> None:
    lines = []
    for action in actions:
        target = {"_index": action.index} | ({} if action.id is None else {"_id": action.id})
        lines += [orjson.dumps({action.kind: target}), action.document or b""]
    body = b"\n".join(lines) + b"\n" if lines else b""
    assert read_bulk(body, None) == actions


@given(st.binary(max_size=300))
@example(b'{"create":{"_index":"a"}}\n{}')
@example(b'{"delete":{"_index":"a"}}\n')
@example(b'{"create":[]}\n{}\n')
@example(b'{"create":{"_index":{}}}\n{}\n')
def test_anything_is_read_or_refused(body: bytes) -> None:
    try:
        actions = read_bulk(body, "logs")
    except MalformedBulk:
        return
    assert len(orjson.dumps(answer(actions, {0: "why"} if actions else {}, 0))) > 0


@pytest.mark.parametrize("meta", [b'{"create":{"_index":"a","_nonsense":1}}', b"[]", b'{"create":{},"index":{}}', b"{"])
def test_a_line_that_is_no_action_names_its_number(meta: bytes) -> None:
    with pytest.raises(MalformedBulk, match=r"\[3\]"):
        read_bulk(b'{"create":{"_index":"a"}}\n{}\n' + meta + b"\n{}\n", None)

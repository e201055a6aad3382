from dataclasses import replace

import numpy as np
import pytest

from sensors.event.codec import decode, encode
from sensors.event.identity import event_ids, fingerprint
from sensors.event.model import BATCH_ROWS, Batch, Source

SOURCE = Source("ab" * 16, "text", "/logs/a.log")


def _batch() -> Batch:
    return Batch(
        dataset="app.audit",
        source=SOURCE,
        received=2_000_000_000,
        times=np.array([1, 2_500_000_000, 3], dtype=np.int64),
        ids=event_ids(SOURCE.id, [0, 5, 9], [b"a", b"b", b"c"]),
        ordinals=np.array([1, 2, 3], dtype=np.int64),
        constants={"event.module": "app"},
        columns={
            "user.name": ["甲", None, "\N{GRINNING FACE}"],
            "n": np.array([7, 8, 9]),
            "any": [1, "one", {"deep": [None]}],
        },
    )


def test_a_row_has_every_field_and_iso_times() -> None:
    row = _batch().row(1)
    assert row["@timestamp"] == "1970-01-01T00:00:02.500Z"
    assert row["event.created"] == "1970-01-01T00:00:02.000Z"
    assert (row["event.sequence"], row["event.module"], row["user.name"], row["n"]) == (2, "app", None, 8)
    assert row["log.file.path"] == "/logs/a.log"
    assert isinstance(row["n"], int)


def test_bytes_and_back_change_nothing() -> None:
    (back,) = decode(encode([_batch()]))
    assert list(back.rows()) == list(_batch().rows())


def test_damaged_bytes_are_refused() -> None:
    whole = encode([_batch()])
    for damaged in (b"", b"\x01" + whole[1:], whole[:-3], whole[:20]):
        with pytest.raises(ValueError, match=r"version|damaged|decompress|Corrupt|corrupt|JSON|size"):
            list(decode(damaged))


def test_taking_rows_keeps_their_order() -> None:
    taken = _batch().take([2, 0])
    assert [row["event.sequence"] for row in taken.rows()] == [3, 1]
    assert [row["n"] for row in taken.rows()] == [9, 7]


def test_a_batch_that_contradicts_itself_is_never_made() -> None:
    batch = _batch()
    with pytest.raises(ValueError, match="2 values for 3 rows"):
        replace(batch, columns={"user.name": ["a", "b"]})
    with pytest.raises(ValueError, match="both a constant and a column"):
        replace(batch, constants={"n": 1})
    with pytest.raises(ValueError, match="1 to"):
        replace(batch, ids=[])
    with pytest.raises(ValueError, match=str(BATCH_ROWS)):
        replace(batch, ids=["x"] * (BATCH_ROWS + 1))


def test_ids_depend_on_source_place_and_content_and_nothing_else() -> None:
    one = event_ids(SOURCE.id, [0, 5], [b"same", b"same"])
    assert one == event_ids(SOURCE.id, [0, 5], [b"same", b"same"])
    assert len({*one, *event_ids(SOURCE.id, [0], [b"other"]), *event_ids("cd" * 16, [0], [b"same"])}) == 4
    assert fingerprint(b"x" * 5_000) == fingerprint(b"x" * 4_096)
    assert fingerprint(b"x") != fingerprint(b"y")

"""Tables: batches and documents in one form, and cut by the values of some columns."""

from typing import Any

import numpy as np

from correlation.matcher.table import BatchTable, partition, tables
from tests.correlation.matcher.making import make_batch


def test_a_batch_says_its_dataset_and_its_time() -> None:
    table = BatchTable(make_batch([{"a": 1}, {"a": 2}], dataset="x.y"), timed=True)
    assert table.constants == {"event.dataset": "x.y"}
    assert table.names == ("a", "@timestamp")
    assert table.column("@timestamp") == ["2025-12-01T12:00:00.000Z", "2025-12-01T12:00:01.000Z"]


def test_partition_by_columns() -> None:
    rows = [{"k": 1, "v": "a"}, {"k": "1", "v": "b"}, {"k": True, "v": "c"}, {"k": 1, "v": "d"}]
    for table in (BatchTable(make_batch(rows), timed=False), next(tables(rows))[0]):
        parts = partition(table, ("k", "absent"))
        assert [(part.constants["k"], list(rows), part.column("v")) for part, rows in parts] == [
            ("1", [0, 1, 3], ["a", "b", "d"]),
            ("true", [2], ["c"]),
        ]
        assert all(part.names == ("v",) for part, _ in parts)
        assert partition(table, ()) == [(table, range(4))]


def test_selections_of_selections_and_arrays() -> None:
    batch = make_batch([{"a": 1, "b": "x"}, {"a": 2, "b": "y"}, {"a": 3, "b": "z"}])
    table = BatchTable(batch, timed=False)
    assert table.select([2, 1], {"b": "w"}).select([0], {}).column("a") == [3]
    batch.columns["a"][:] = np.array([7, 8, 9])  # type: ignore[index]
    assert table.select([1], {}).column("a") == [8]


def test_documents_of_one_layout_are_one_table() -> None:
    documents: list[dict[str, Any]] = [
        {"a": 1, "b": ["x"]}, {"b": ["y"], "a": 2}, {"a": {"b": 3}}, {"a": 4, "b": [[5]]}, {"a.b": 6},
        {"a": 7, "b": []}, {},
    ]
    found = [
        ([table.column(name) for name in table.names], table.names, table.rows, list(rows))
        for table, rows in tables(documents)
    ]
    # The first layout holds a list of lists, so that all of its documents are laid flat.
    assert found == [
        ([(["y"],), (2,)], ("b", "a"), 1, [1]),
        ([(6,)], ("a.b",), 1, [4]),
        ([], (), 1, [6]),
        ([(1, 4, 7), (["x"], [5], [])], ("a", "b"), 3, [0, 3, 5]),
        ([(3,)], ("a.b",), 1, [2]),
    ]

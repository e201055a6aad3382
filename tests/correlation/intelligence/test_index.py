from pathlib import Path

import pytest

from correlation.intelligence.index import Index, IndexDamagedError, write_index


def test_rows_are_found_by_key_and_others_are_not(tmp_path: Path) -> None:
    path = tmp_path / "index"
    keys = [(number + 1, b"d%d" % (number // 2)) for number in range(2_000)]
    write_index(path, iter(keys), len(keys), {"change": 7})
    index = Index(path)
    assert (len(index), index.about["change"]) == (2_000, 7)
    assert sorted(index.rows(b"d0")) == [1, 2]
    assert sorted(index.rows(b"d999")) == [1_999, 2_000]
    assert not any(index.rows(b"x%d" % number) for number in range(2_000))
    assert [file.name for file in tmp_path.iterdir()] == ["index"]


def test_an_empty_index_holds_nothing(tmp_path: Path) -> None:
    write_index(tmp_path / "index", iter(()), 0, {})
    assert Index(tmp_path / "index").rows(b"d0") == []


@pytest.mark.parametrize("cut", [0, 10, 5_000])
def test_a_damaged_file_is_told(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "index"
    write_index(path, iter([(1, b"d1")]), 1, {})
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(IndexDamagedError):
        Index(path)

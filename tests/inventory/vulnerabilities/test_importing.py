"""Files of every format through the whole way into the book."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from inventory.vulnerabilities.book import VulnerabilityBook
from inventory.vulnerabilities.errors import VulnerabilityFileUnreadable, VulnerabilityFormatUnknown
from inventory.vulnerabilities.importing import ended, import_file
from tests.inventory.vulnerabilities.making import DATA, NOON, items

FILES = sorted(one for one in DATA.iterdir() if one.name.startswith("good."))


def test_every_format_is_kept_and_twice_changes_nothing(engine: Engine) -> None:
    book = VulnerabilityBook(engine)
    for file in FILES:
        assert import_file(book, file, NOON).written, file
    kept = list(book.findings()), {(one.advisory.source, one.advisory.id) for one in book.advisories()}
    assert (len(kept[0]), len(kept[1])) == (8, 7)
    for file in FILES:
        again = import_file(book, file, NOON + 1)
        assert (again.counts.new, again.counts.opened) == (0, 0)
        assert again.repeated == bool(again.scan)
    assert list(book.findings()) == kept[0]
    assert len(book.scans()) == 3


def test_what_cannot_be_used_is_told_with_its_place_and_the_rest_is_kept(engine: Engine) -> None:
    done = import_file(VulnerabilityBook(engine), DATA / "good.nessus", NOON)
    (problem,) = done.problems
    assert (problem.place is not None and problem.place.line, done.counts.opened) == (21, 3)


def test_of_a_file_that_breaks_off_nothing_is_kept(engine: Engine, tmp_path: Path) -> None:
    whole = (DATA / "good.nessus").read_bytes()
    broken = tmp_path / "broken.nessus"
    broken.write_bytes(whole[: whole.index(b"</Report>")])
    book = VulnerabilityBook(engine)
    done = import_file(book, broken, NOON)
    assert not done.written
    assert isinstance(done.problems[-1], VulnerabilityFileUnreadable)
    assert (list(book.findings()), book.scans()) == ([], {})
    broken.write_bytes(whole)
    assert import_file(book, broken, NOON).counts.opened == 3


def test_what_is_no_report_or_not_there_is_refused(engine: Engine, tmp_path: Path) -> None:
    book = VulnerabilityBook(engine)
    (tmp_path / "x").write_text("nothing of ours")
    with pytest.raises(VulnerabilityFormatUnknown):
        import_file(book, tmp_path / "x", NOON)
    with pytest.raises(VulnerabilityFileUnreadable):
        import_file(book, tmp_path / "missing", NOON)


def test_a_scan_ended_when_its_last_host_did_and_never_in_the_future() -> None:
    read = items("good.nessus")
    assert ended(read, NOON) == NOON - 2 * 3_600 * 10**9
    assert ended(read, 5) == 5
    assert ended([], NOON) == NOON

"""What stands in the journal, and what must not."""

from collections.abc import Iterator

import pytest
import structlog

from cli.journal import keep_journal


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    yield
    structlog.reset_defaults()


def ask(headers: dict[str, str]) -> int:
    return int(f"{len(headers)} header")


def test_the_journal_tells_where_it_failed_and_no_local_variable(capsys: pytest.CaptureFixture[str]) -> None:
    keep_journal(verbose=False)
    try:
        ask({"Authorization": f"Bearer {'x7' * 9}"})
    except ValueError:
        structlog.get_logger("here").exception("asking failed", feed="one")
    told = capsys.readouterr().err
    assert "asking failed" in told
    assert "ValueError: invalid literal" in told
    assert "test_journal.py" in told
    assert "x7x7" not in told

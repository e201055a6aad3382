from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine

from correlation.alerts.book import AlertBook, RuleTitle
from correlation.alerts.errors import CursorUnusable
from correlation.alerts.model import Alert, Evidence, Hidden, Level, alert_id
from correlation.alerts.schema import open_database
from inventory.errors import DatabaseUnusable


def _alert(number: int, level: Level = "high", rule: str = "r1", time: int | None = None) -> Alert:
    event = f"{number:032x}"
    moment = number if time is None else time
    proof = Evidence(event, "web.access", moment, "00" * 16, "/logs/access.log", "line", number, {"url.path": "/登录"})
    return Alert(alert_id(rule, (event,)), rule, "门户 tampered", level, ("attack.t1190",), moment, 7, (proof,))


@pytest.fixture
def book(engine: Engine) -> AlertBook:
    return AlertBook(engine)


def test_an_alert_is_recorded_once_and_read_back_whole(book: AlertBook) -> None:
    alerts = [_alert(1), _alert(2)]
    assert book.record(alerts) == 2
    assert book.record([*alerts, _alert(3)]) == 1
    assert book.get(alerts[0].id) == alerts[0]
    assert book.get(alerts[0].id[:12]) == alerts[0]
    assert book.get("") is None, "an ambiguous beginning names nothing"


def test_the_same_alert_twice_in_one_call_is_one(book: AlertBook) -> None:
    assert book.record([_alert(1), _alert(1)]) == 1


def test_what_was_hidden_is_noted_once_for_its_events_and_exception(book: AlertBook) -> None:
    def hidden(name: str, time: int) -> Hidden:
        return Hidden("0" * 32, name, "many", time)

    book.record([], [hidden("known", 7), hidden("known", 5), hidden("other", 5)])
    # The same events, in a window that ends at another time; what is recorded beside it is not held up.
    assert book.record([_alert(1)], [hidden("known", 9), hidden("third", 9)]) == 1
    assert book.hidden() == (1, {"known": 1, "other": 1, "third": 1})


def test_pages_hold_every_alert_once_even_where_times_are_equal(book: AlertBook) -> None:
    book.record([_alert(number, time=number // 10) for number in range(95)])
    seen: list[str] = []
    after = None
    while True:
        page = book.page(limit=7, after=after)
        assert page.total == 95
        seen += [found.id for found in page.alerts]
        after = page.after
        if after is None:
            break
    assert len(seen) == 95 == len(set(seen))


def test_filters_by_level_rule_and_time(book: AlertBook) -> None:
    book.record([_alert(1, "low"), _alert(2, "critical"), _alert(3, "high", rule="r2")])
    assert [found.level for found in book.page(minimum="high").alerts] == ["high", "critical"]
    assert [found.rule_id for found in book.page(rule_id="r2").alerts] == ["r2"]
    assert [found.time for found in book.page(start=2, end=3).alerts] == [2]
    assert book.count_by_level() == {"informational": 0, "low": 1, "medium": 0, "high": 1, "critical": 1}


def test_rules_are_called_what_their_newest_alerts_say(book: AlertBook) -> None:
    renamed = replace(_alert(3), title="Portal tampered", title_zh="门户被篡改")
    book.record([renamed, _alert(2), _alert(1, rule="r2")])
    assert book.titles(["r1", "r2", "r3"]) == {
        "r1": RuleTitle("Portal tampered", "门户被篡改"), "r2": RuleTitle("门户 tampered", ""),
    }  # fmt: skip


def test_a_made_up_cursor_is_refused(book: AlertBook) -> None:
    with pytest.raises(CursorUnusable):
        book.page(after="yesterday")


def test_a_database_that_cannot_be_opened_says_where_and_why(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(DatabaseUnusable, match="unable to open"):
        open_database(f"sqlite:///{tmp_path / 'file' / 'hanwatch.db'}")


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "hanwatch.db").write_bytes(b"garbage " * 4096)
    with pytest.raises(DatabaseUnusable, match="not a database"):
        open_database(f"sqlite:///{tmp_path / 'hanwatch.db'}")

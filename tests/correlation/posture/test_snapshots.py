import pytest
from sqlalchemy import Engine

from correlation.posture.errors import SnapshotDamaged
from correlation.posture.model import CITY, Facts, Scope
from correlation.posture.scoring import score
from correlation.posture.snapshots import SnapshotBook
from correlation.posture.tables import snapshot
from tests.correlation.posture.making import DAY, NOON, POLICY, cell, incident


@pytest.fixture
def book(engine: Engine) -> SnapshotBook:
    """Two days of a city: an incident on the second."""
    opened = SnapshotBook(engine)
    for day, facts in enumerate((Facts((cell("A", "u"),)), Facts((cell("A", "u"),), (incident("a", "u", age=-1),)))):
        moment = NOON + day * DAY
        opened.record(facts, POLICY, score(facts, POLICY, moment))
    return opened


def test_a_trend_is_shown_of_every_scope(book: SnapshotBook) -> None:
    unit = book.history(Scope("unit", "u"), NOON, NOON + 2 * DAY)
    assert [(one.moment, one.score) for one in unit] == [(NOON, 1_000_000), (NOON + DAY, 850_000)]
    assert [one.score for one in book.history(CITY, NOON, NOON + DAY)] == [1_000_000], "the end is exclusive"
    assert book.history(Scope("unit", "v"), NOON, NOON + DAY) == []


def test_facts_come_back_and_old_ones_go(book: SnapshotBook) -> None:
    assert [book.latest(moment) for moment in (NOON - 1, NOON, NOON + DAY - 1)] == [None, NOON, NOON]
    assert book.facts(NOON + DAY).incidents[0].id == "a"
    book.expire(NOON + 1)
    assert book.latest(NOON) is None


def test_a_snapshot_of_the_same_moment_is_replaced(book: SnapshotBook) -> None:
    facts = Facts((cell("A", "u", 0),))
    book.record(facts, POLICY, score(facts, POLICY, NOON))
    assert [one.score for one in book.history(CITY, NOON, NOON + 1)] == [500_000]
    assert [one.part for one in book.verify(0, NOON + 2 * DAY)] == ["", ""]


def test_damaged_facts_are_refused(book: SnapshotBook) -> None:
    with book._engine.begin() as connection:
        connection.execute(snapshot.update().values(facts_digest="0" * 64))
    with pytest.raises(SnapshotDamaged):
        book.facts(NOON)
    assert [one.part for one in book.verify(0, NOON + DAY)] == ["facts"]

from sqlalchemy import Engine, select

from correlation.alerts.book import AlertBook
from correlation.incidents.book import IncidentBook
from correlation.incidents.deriving import Deriving
from correlation.incidents.linking import linking_policy
from correlation.incidents.severity import weights
from correlation.incidents.tables import member
from correlation.incidents.windowing import WindowRegister
from tests.correlation.incidents.making import HOUR, MINUTE, NOON, alert
from tests.databases import Databases


def test_a_window_holds_for_what_was_recorded_before_and_after_and_not_beyond_its_end(engine: Engine) -> None:
    now = [NOON]
    register = WindowRegister(engine, weights(), lambda: now[0])
    book, maker = AlertBook(engine), Deriving(engine, linking_policy(), weights(), lambda: now[0])
    book.record([alert(1, source="10.9.0.1"), alert(1, "other", source="10.8.0.1")])
    maker.derive()
    made = register.announce("maintenance", NOON, NOON + HOUR, {"network": ["10.9.0.0/16"]}, "switches", who="li")
    book.record([alert(10, source="10.9.0.1"), alert(40, source="10.9.0.1")])
    maker.derive()
    assert IncidentBook(engine).suppressed() == {made.id: 3}
    now[0] = NOON + 30 * MINUTE
    ended = register.end(made.id, who="wang")
    assert (ended.ends, ended.ended_by, ended.version) == (now[0], "wang", 2)
    assert IncidentBook(engine).suppressed() == {made.id: 2}
    (found,) = IncidentBook(engine).page(severities=("medium",), start=NOON + 5 * MINUTE).incidents
    assert (found.alerts, found.suppressed, found.score) == (3, 2, 50)
    assert register.windows() == [ended]


def test_windows_move_no_alert_into_another_incident(databases: Databases) -> None:
    placed = []
    for name, announced in (("a", False), ("b", True)):
        engine = databases(name)
        if announced:
            WindowRegister(engine, weights(), lambda: NOON).announce(
                "drill", NOON, NOON + HOUR, {"network": ["10.9.0.0/16"]}, "drill", who="li"
            )
        AlertBook(engine).record([alert(n, f"r{n % 3}", source=f"10.9.0.{n % 4}", host=f"h{n % 2}") for n in range(20)])
        Deriving(engine, linking_policy(), weights(), lambda: NOON).derive()
        with engine.connect() as connection:
            rows = connection.execute(select(member.c.alert_id, member.c.root).order_by(member.c.alert_id)).all()
            placed.append([tuple(row) for row in rows])
    assert placed[0] == placed[1]

"""The same alerts lead to the same incidents, in whatever order and portions they are recorded, and through kills."""

import os
from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event, select

from correlation.alerts.book import AlertBook
from correlation.alerts.model import Alert
from correlation.alerts.schema import open_database
from correlation.incidents import deriving as module
from correlation.incidents.book import IncidentBook
from correlation.incidents.changing import ChangeBook
from correlation.incidents.deriving import Deriving
from correlation.incidents.facts import facts_of
from correlation.incidents.linking import Linking, LinkingPolicy, linking_policy
from correlation.incidents.severity import weights
from correlation.incidents.sums import Sums
from correlation.incidents.tables import incident, member
from tests.correlation.incidents.making import HOUR, MINUTE, NOON, alert
from tests.databases import Databases

OWN = linking_policy()
TIGHT = LinkingPolicy(HOUR, 4 * HOUR, 10 * HOUR, 12, 3, 2, 3, OWN.shared)
"""Bounds that a few alerts meet."""
WEIGHTS = weights()
TACTICS = (["initial-access"], ["execution", "discovery"], ["lateral-movement"], ["impact"], [])
EXAMPLES = 300 if os.environ.get("PROVE") else 40
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
"""Making a failure small would take many minutes, since each example writes databases."""
NAMES = count()
ALERTS = st.lists(
    st.builds(
        lambda minute, rule, tactics, source, destination, rest: alert(
            minute, rule, tactics, **{"source": source, "destination": destination} | rest
        ),
        st.integers(0, 60).map(lambda number: number * 13),
        st.sampled_from("ab"),
        st.sampled_from(TACTICS),
        st.sampled_from(["10.0.0.1", "10.0.0.2", "10.0.0.3", "192.0.2.9"]),
        st.sampled_from(["10.0.0.1", "10.0.0.2", "10.0.0.4", "224.0.0.1"]),
        st.fixed_dictionaries({}, optional={"user": st.sampled_from(["li", "root"]), "host": st.just("h1")}),
    ),
    max_size=24,
    unique_by=lambda one: one.id,
)


def opened(databases: Databases) -> Engine:
    """A database of its own, every time."""
    return databases(str(next(NAMES)))


def deriving(engine: Engine, policy: LinkingPolicy = OWN) -> Deriving:
    return Deriving(engine, policy, WEIGHTS, lambda: NOON)


def whole(engine: Engine) -> tuple[list[Any], list[Any]]:
    """All that was derived."""
    with engine.connect() as connection:
        members = connection.execute(select(member).order_by(member.c.alert_id)).all()
        incidents = connection.execute(select(incident).order_by(incident.c.id)).all()
    return [tuple(row) for row in members], [tuple(row) for row in incidents]


def plainly(alerts: Sequence[Alert], policy: LinkingPolicy) -> dict[str, str]:
    """Which incident every alert is in, told by the fold alone."""
    linking = Linking(policy)
    facts = sorted((facts_of(one, policy.most_values) for one in alerts), key=lambda one: one.order)
    found = {one.alert_id: linking.place(one).incident for one in facts}
    return {name: linking.root(one) for name, one in found.items()}


@given(ALERTS, st.data())
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=EXAMPLES, phases=PHASES
)
@pytest.mark.parametrize("policy", [OWN, TIGHT], ids=["own", "tight"])
def test_neither_order_nor_portions_nor_restarts_matter(
    databases: Databases, policy: LinkingPolicy, alerts: list[Alert], data: st.DataObject
) -> None:
    calm = opened(databases)
    AlertBook(calm).record(alerts)
    deriving(calm, policy).derive()
    restless = opened(databases)
    book, maker = AlertBook(restless), deriving(restless, policy)
    mixed = data.draw(st.permutations(alerts))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "STEP_ALERTS", data.draw(st.integers(1, 5)))
        patch.setattr(module, "_PAGE", data.draw(st.integers(1, 5)))
        patch.setattr("correlation.incidents.linking._SWEEP_EVERY", data.draw(st.integers(1, 9)))
        while mixed:
            size = data.draw(st.integers(1, 8))
            book.record(mixed[:size])
            mixed = mixed[size:]
            if data.draw(st.booleans()):
                maker = deriving(restless, policy)
            maker.derive()
    assert whole(restless) == whole(calm)
    with calm.connect() as connection:
        roots = {row.alert_id: row.root for row in connection.execute(select(member))}
    assert roots == plainly(alerts, policy)
    page = IncidentBook(restless).page(limit=1000)
    assert sum(one.alerts for one in page.incidents) == len(alerts)
    assert {one.id for one in page.incidents} == set(roots.values())
    for one in page.incidents:
        assert one.score == WEIGHTS.judge(Sums(one.sums)).score


class KilledError(Exception):
    """What a test raises where the process might be killed."""


@pytest.mark.parametrize("statement", range(0, 66, 6))
def test_a_kill_at_any_statement_leaves_all_of_a_step_or_nothing(
    databases: Databases, statement: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STEP_ALERTS", 3)
    alerts = [alert(n * 7 % 31, "ab"[n % 2], TACTICS[n % 5], source=f"10.0.0.{n % 4}", destination=f"10.0.0.{n % 3}")
              for n in range(12)]  # fmt: skip
    calm = opened(databases)
    AlertBook(calm).record(alerts)
    deriving(calm).derive()
    engine = opened(databases)
    AlertBook(engine).record(alerts[6:])
    deriving(engine).derive()
    AlertBook(engine).record(alerts[:6])
    left = iter(range(statement))

    def kill(*_: object) -> None:
        if next(left, None) is None:
            raise KilledError

    event.listen(engine, "before_cursor_execute", kill)
    maker = deriving(engine)
    try:
        maker.derive()
    except KilledError:
        event.remove(engine, "before_cursor_execute", kill)
        # The same process may go on, as after a database that was away, or another takes its place.
        (maker if statement % 2 else deriving(engine)).derive()
    assert whole(engine) == whole(calm)


def test_alerts_of_a_database_from_before_become_incidents(databases: Databases) -> None:
    engine = databases()
    AlertBook(engine).record([alert(n, source="10.0.0.1") for n in range(3)])
    config = Config()
    config.set_main_option("script_location", str(Path(module.__file__).parents[1] / "alerts" / "migrations"))
    with engine.begin() as connection:
        config.attributes.update(connection=connection, versions="correlation_version")
        command.downgrade(config, "0002")
    engine.dispose()
    again = open_database(engine.url.render_as_string(hide_password=False))
    assert deriving(again).derive() == 3
    assert [one.alerts for one in IncidentBook(again).page().incidents] == [3]
    again.dispose()


def test_what_people_did_about_an_incident_that_a_late_alert_dissolved_is_found_where_its_alerts_went(
    databases: Databases,
) -> None:
    engine = opened(databases)
    book, maker = AlertBook(engine), deriving(engine)
    book.record([alert(10, source="10.0.0.1", host="h1")])
    maker.derive()
    (before,) = IncidentBook(engine).page().incidents
    ChangeBook(engine, lambda: NOON).note(before.id, "called the unit", who="li")
    book.record([alert(0, source="10.0.0.1", host="h2")])
    maker.derive()
    (after,) = IncidentBook(engine).page().incidents
    assert after.id != before.id
    assert after.alerts == 2
    assert IncidentBook(engine).get(before.id) == after
    assert [one.after for one in IncidentBook(engine).absorbed(after.id)] == [{"note": "called the unit"}]


def test_an_alert_that_comes_late_folds_anew_no_more_than_it_can_change(
    databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = opened(databases)
    book, maker = AlertBook(engine), deriving(engine)
    book.record([alert(60 * n, source=f"10.0.{n}.1") for n in range(200)])
    maker.derive()
    seen: list[str] = []
    place = Linking.place
    monkeypatch.setattr(Linking, "place", lambda self, facts: seen.append(facts.alert_id) or place(self, facts))
    book.record([alert(60 * 100 + 1, source="192.0.2.1")])
    maker.derive()
    assert len(seen) == 1 + 24 + 1
    book.record([alert(60 * 300, source="192.0.2.1")])
    maker.derive()
    assert len(seen) == 27, "what follows all others is placed alone"


def test_what_is_too_new_waits_until_what_comes_late_has_come(databases: Databases) -> None:
    engine = opened(databases)
    book, maker = AlertBook(engine), deriving(engine)
    book.record([replace(alert(n, source="10.0.0.1"), created=NOON + 9 * MINUTE) for n in range(10)])
    ahead = replace(alert(60, source="10.0.0.1"), created=NOON + 3 * MINUTE)
    book.record([ahead])
    assert maker.derive(NOON + 4 * MINUTE) == 5 + 1, "whose clock is ahead waits no longer than others"
    assert maker.derive(NOON + 4 * MINUTE) == 0
    assert maker.derive() == 5
    assert [one.alerts for one in IncidentBook(engine).page().incidents] == [11]


def test_a_closed_incident_opens_again_when_it_becomes_more_severe_and_only_then(databases: Databases) -> None:
    engine = opened(databases)
    book, maker, changes = AlertBook(engine), deriving(engine), ChangeBook(engine, lambda: NOON)
    book.record([alert(0, "a", level="medium", source="10.0.0.1")])
    maker.derive()
    (one,) = IncidentBook(engine).page().incidents
    changes.state(one.id, "closed", "false-positive", who="li")
    book.record([alert(1, "a", level="medium", source="10.0.0.1")])
    maker.derive()
    assert IncidentBook(engine).get(one.id).state == "closed"  # type: ignore[union-attr]
    book.record([alert(2, "b", ["impact"], level="critical", source="10.0.0.1")])
    maker.derive()
    assert IncidentBook(engine).get(one.id).state == "new"  # type: ignore[union-attr]
    assert [(entry.what, entry.who) for entry in changes.log(one.id)] == [("state", "li"), ("reopen", "hanwatch")]


def test_other_weights_judge_all_incidents_anew(databases: Databases, tmp_path: Path) -> None:
    engine = opened(databases)
    AlertBook(engine).record([alert(0, source="10.0.0.1", cii=True)])
    deriving(engine).derive()
    (before,) = IncidentBook(engine).page().incidents
    (tmp_path / "severity.yml").write_text("cii: 50\n")
    other = weights(tmp_path / "severity.yml")
    Deriving(engine, OWN, other, lambda: NOON).derive()
    (after,) = IncidentBook(engine).page().incidents
    assert after.score == before.score + 35



"""Rules taken up anew by a live correlator: all or nothing, and nothing that was begun is lost."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cli.asking import ASKED, answer_to, ask, asked
from cli.house import House
from cli.reloading import Reloading
from cli.settings import RuleSettings, Settings
from correlation.settings import ContextSettings
from sensors.delivery.ledger import ALERTS
from sensors.event.times import SECOND
from sensors.reading.model import Position
from tests.sensors.delivery.making import NOON, portion, source

RULE = """title: Ends with {0}
name: ends_{0}
id: 10000000-0000-4000-8000-00000000000{0}
logsource: {{product: hanwatch}}
detection: {{s: {{message|endswith: "{0}"}}, condition: s}}
"""
MANY = """title: Many
id: 20000000-0000-4000-8000-000000000000
correlation: {type: event_count, rules: [ends_7], timespan: 1d, condition: {gte: 15}, generate: true}
"""


class Live:
    """A live correlator over a folder of rules, and what asks it."""

    def __init__(self, folder: Path) -> None:
        self.rules = folder / "rules"
        self.rules.mkdir()
        self.exceptions = folder / "exceptions.yml"
        self.write(seven=RULE.format(7))
        self.settings = Settings(folder / "data", rules=RuleSettings((self.rules,), own_pack=False, lateness=0))
        self.house = House(self.settings)
        self._sources = self._asked = 0

    def begin(self) -> None:
        begun = asked(self.settings.data)
        loaded = self.house.rules()
        self.correlator = self.house.correlator(loaded, live=True)
        self.reloading = Reloading(self.house, self.correlator, loaded, lambda: self.settings, begun)

    def write(self, **texts: str) -> None:
        for name, text in texts.items():
            (self.rules / f"{name}.yml").write_text(text, encoding="utf-8")

    def reload(self) -> dict[str, Any]:
        self._asked += 1
        ask(self.settings.data, f"t{self._asked}")
        self.reloading.look()
        said = answer_to(self.settings.data, f"t{self._asked}")
        assert said is not None
        self.reloading.look()  # once is enough
        assert answer_to(self.settings.data, f"t{self._asked}") == said
        return said

    def read(self, events: int) -> None:
        """Events of one moment, a minute after those before."""
        self._sources += 1
        name, made = source(f"s{self._sources}"), portion(source(f"s{self._sources}"), Position(), events)
        later = NOON + self._sources * 60 * SECOND
        batches = tuple(replace(one, times=np.full(len(one), later), received=later) for one in made.batches)
        self.house.spool.append(name, "lines", replace(made, batches=batches), Position())
        self.correlator.drain()

    def titles(self) -> dict[str, int]:
        """How many alerts each rule has."""
        found: dict[str, int] = {}
        for alert in self.house.book.page(limit=1_000).alerts:
            found[alert.title] = found.get(alert.title, 0) + 1
        return found


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    made = Live(tmp_path)
    with made.house:
        yield made


def test_a_new_rule_finds_from_then_on(live: Live) -> None:
    live.begin()
    live.read(20)
    live.write(eight=RULE.format(8))
    live.reloading.look()  # nobody asked
    live.read(20)
    assert live.titles() == {"Ends with 7": 4}
    said = live.reload()
    assert (said["done"], said["rules"], said["added"], said["removed"], said["changed"]) == (True, 2, 1, 0, 0)
    live.read(20)
    assert live.titles() == {"Ends with 7": 6, "Ends with 8": 2}


def test_a_rule_that_went_or_changed_is_told(live: Live) -> None:
    live.write(eight=RULE.format(8))
    live.begin()
    live.write(seven=RULE.format(7).replace('"7"', '"9"'))
    (live.rules / "eight.yml").unlink()
    said = live.reload()
    assert (said["added"], said["removed"], said["changed"]) == (0, 1, 1)


def test_where_something_new_is_broken_nothing_is_taken_up(live: Live) -> None:
    live.begin()
    live.write(eight=RULE.format(8), broken="title: x\nlogsource: [\n")
    said = live.reload()
    assert said["done"] is False
    (problem,) = said["problems"]
    assert (Path(problem["file"]).name, problem["code"]) == ("broken.yml", "rule-not-yaml")
    live.read(20)
    assert live.titles() == {"Ends with 7": 2}
    (live.rules / "broken.yml").unlink()
    assert live.reload()["done"] is True


def test_what_was_broken_before_stands_in_nobodys_way(live: Live) -> None:
    live.write(broken="title: x\nlogsource: [\n")
    live.begin()
    live.write(eight=RULE.format(8))
    assert live.reload()["done"] is True


def test_exceptions_are_taken_up_and_broken_ones_refused(live: Live) -> None:
    live.begin()
    text = (
        "exceptions: [{id: x, rules: [ends_7], fields: {message: '*'}, owner: Li, reason: known, end: 2999-01-01}]"
    )
    live.exceptions.write_text(text)
    live.settings = Settings(
        live.settings.data, rules=RuleSettings((live.rules,), own_pack=False, exceptions=(live.exceptions,))
    )
    assert live.reload()["exceptions"] == 1
    live.read(20)
    assert live.titles() == {}
    assert live.house.spool.counts()[ALERTS, "excepted"] == 2
    live.exceptions.write_text(text.replace("owner: Li, ", ""))
    assert [one["code"] for one in live.reload()["problems"]] == ["exception-incomplete"]
    live.read(20)
    assert live.titles() == {}


def test_an_exception_for_a_correlation_is_taken_up_and_its_windows_go_on(live: Live) -> None:
    many = MANY.replace("rules: [ends_7], ", "rules: [ends_7], group-by: [message], ").replace("gte: 15", "gte: 2")
    live.write(many=many.replace("correlation:", "name: many\ncorrelation:", 1))
    live.begin()
    live.read(30)
    text = "exceptions: [{id: x, rules: [many], fields: {FIELD: '*17'}, owner: Li, reason: known, end: 2999-01-01}]"
    live.exceptions.write_text(text.replace("FIELD", "user.name"))
    live.settings = Settings(
        live.settings.data, rules=RuleSettings((live.rules,), own_pack=False, exceptions=(live.exceptions,), lateness=0)
    )
    assert [one["code"] for one in live.reload()["problems"]] == ["exception-field-foreign"]
    live.exceptions.write_text(text.replace("FIELD", "message"))
    assert live.reload()["done"] is True
    live.read(30)
    live.correlator.settle()
    # The first of each message came before: 7, 17 and 27 are complete with the second.
    assert live.titles()["Many"] == 2
    assert live.house.book.hidden() == (1, {"x": 1})


def test_windows_of_correlations_that_are_as_they_were_go_on(live: Live) -> None:
    live.write(many=MANY)
    live.begin()
    live.read(100)
    live.read(1)  # time passes
    live.write(
        eight=RULE.format(8),
        other=MANY.replace("Many", "Other").replace("20000000", "30000000").replace("gte: 15", "gte: 11"),
    )
    assert live.reload()["correlations"] == 2
    live.read(60)
    live.correlator.settle()
    # Ten before and six after are enough for the one; of the other's time there were six.
    found = live.titles()
    assert (found["Many"], found.get("Other")) == (1, None)


def test_what_was_asked_before_a_process_began_is_done_by_its_beginning(live: Live) -> None:
    ask(live.settings.data, "early")
    live.begin()
    live.reloading.look()
    assert answer_to(live.settings.data, "early") is None


def test_whom_the_process_belongs_to_can_read_what_another_user_asked(live: Live) -> None:
    live.begin()
    live.reload()
    assert (live.settings.data / ASKED).stat().st_mode & 0o777 == 0o644


def test_settings_that_cannot_be_used_change_nothing(live: Live) -> None:
    live.begin()

    def refuse() -> Settings:
        raise RuntimeError("made to fail")

    live.reloading = Reloading(live.house, live.correlator, live.house.rules(), refuse, None)
    assert live.reload()["done"] is False
    live.read(20)
    assert live.titles() == {"Ends with 7": 2}


CONTEXT = "entries:\n  - {{asset: portal, network: 192.0.2.{0}, unit: {1}}}\n"


def test_context_is_taken_up_and_a_broken_file_refused(live: Live, tmp_path: Path) -> None:
    file = tmp_path / "context.yml"
    file.write_text(CONTEXT.format(1, "Bureau"), encoding="utf-8")
    live.settings = replace(live.settings, context=ContextSettings((file,)))
    live.begin()
    assert known(live) == {}
    said = live.reload()
    assert (said["done"], said["context"]) == (True, 1)
    assert known(live) == {"192.0.2.1": "Bureau"}
    before = live.house.landscape
    assert live.reload()["done"]
    assert live.house.landscape is before  # what did not change is not read again
    file.write_text("entries:\n  - {asset: portal, network: nowhere}\n", encoding="utf-8")
    refused = live.reload()
    assert (refused["done"], [Path(one["file"]).name for one in refused["problems"]]) == (False, ["context.yml"])
    assert known(live) == {"192.0.2.1": "Bureau"}
    file.write_text(CONTEXT.format(2, "Office"), encoding="utf-8")
    assert live.reload()["done"]
    assert known(live) == {"192.0.2.2": "Office"}
    live.settings = replace(live.settings, context=ContextSettings())
    assert live.reload()["context"] == 0
    assert known(live) == {}


def test_a_fault_that_was_mended_stands_in_nobodys_way(live: Live, tmp_path: Path) -> None:
    file = tmp_path / "context.yml"
    file.write_text("entries:\n  - {asset: portal, network: nowhere}\n", encoding="utf-8")
    live.settings = live.house.settings = replace(live.settings, context=ContextSettings((file,)))
    live.begin()
    file.write_text(CONTEXT.format(1, "Bureau"), encoding="utf-8")
    assert live.reload()["done"]
    live.write(eight=RULE.format(8))
    said = live.reload()
    assert (said["done"], said["added"], said["problems"]) == (True, 1, [])
    assert known(live) == {"192.0.2.1": "Bureau"}


def test_a_file_of_context_that_is_not_there_is_refused(live: Live, tmp_path: Path) -> None:
    live.begin()
    live.settings = replace(live.settings, context=ContextSettings((tmp_path / "mistyped.yml",)))
    said = live.reload()
    assert (said["done"], [Path(one["file"]).name for one in said["problems"]]) == (False, ["mistyped.yml"])
    (tmp_path / "mistyped.yml").write_text(CONTEXT.format(1, "Bureau"), encoding="utf-8")
    assert live.reload()["context"] == 1


def known(live: Live) -> dict[str, str]:
    """Which units events from two addresses are told to be of, by what matches and by the detectors."""
    (batch,) = portion(source("asked"), Position(), 2).batches
    asked = replace(batch, columns={**batch.columns, "source.ip": ["192.0.2.1", "192.0.2.2"]})
    found: list[dict[str, str]] = []
    assert live.house._detecting is not None
    for enrichers in (live.correlator.looking.enrichers, live.house._detecting._enrichers):
        enriched = asked
        for enricher in enrichers:
            enriched = enricher.enrich(enriched)
        units = enriched.columns.get("hanwatch.source.unit", [None, None])
        said = zip(asked.columns["source.ip"], units, strict=True)
        found.append({address: unit for address, unit in said if unit is not None})
    assert found[0] == found[1]
    return found[0]

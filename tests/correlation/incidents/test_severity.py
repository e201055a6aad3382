from pathlib import Path
from typing import Any

import pytest

from correlation.alerts.model import Alert
from correlation.incidents.errors import PolicyUnusable
from correlation.incidents.facts import facts_of
from correlation.incidents.severity import weights
from correlation.incidents.sums import Sums
from tests.correlation.incidents.making import alert

WEIGHTS = weights()


def _sums(*alerts: Alert, window: str | None = None) -> Sums:
    sums = Sums()
    for one in alerts:
        sums.add(facts_of(one, 8), (), window)
    return sums


def test_every_point_of_a_score_stands_in_a_line_and_the_lines_add_up() -> None:
    found = WEIGHTS.judge(
        _sums(
            alert(0, "a", ["initial-access"], "medium", source="10.0.0.1", grade=4),
            alert(1, "b", ["impact"], "high", source="10.0.0.1", indicator=72),
        )
    )
    assert [(part.code, part.value, part.points) for part in found.parts] == [
        ("level", "high", 50), ("grade", "4", 10), ("rules", "2", 4), ("indicator", "72", 8), ("stages", "2", 4),
        ("reached", "impact", 8),
    ]  # fmt: skip
    assert (found.score, found.severity) == (84, "critical")
    assert (found.colour, found.warning) == ("orange", "grade-3-impact")


@pytest.mark.parametrize(
    ("level", "tactics", "said", "colour", "rule"),
    [
        ("critical", ["impact"], {"cii": True}, "red", "cii-impact"),
        ("critical", ["discovery"], {"cii": True}, "orange", "cii-severe"),
        ("high", ["discovery"], {"cii": True}, "yellow", "cii-touched"),
        ("critical", ["discovery"], {}, "blue", "grave"),
        ("high", ["discovery"], {}, "", ""),
    ],
)
def test_the_first_rule_that_holds_gives_the_colour(
    level: Any, tactics: list[str], said: dict[str, Any], colour: str, rule: str
) -> None:
    found = WEIGHTS.judge(_sums(alert(0, "a", tactics, level, source="10.0.0.1", **said)))
    assert (found.colour, found.warning) == (colour, rule)


def test_what_is_suppressed_is_counted_and_raises_nothing() -> None:
    sums = _sums(alert(0, level="critical", source="10.0.0.1", cii=True), window="w")
    found = WEIGHTS.judge(sums)
    assert (found.score, found.severity, found.colour, found.parts) == (0, "suppressed", "", ())
    assert (sums.alerts, sums.suppressed, sums.windows) == (1, 1, {"w": 1})
    sums.add(facts_of(alert(1, level="low", source="10.0.0.1"), 8), (), None)
    assert WEIGHTS.judge(sums).score == 15


def test_sums_are_the_same_after_they_were_kept() -> None:
    alerts = [alert(n, f"r{n % 70}", source=f"10.0.0.{n}", destination="10.1.0.1") for n in range(120)]
    whole = _sums(*alerts)
    kept = _sums(*alerts[:60])
    for one in alerts[60:]:
        kept = Sums(kept.document())
        kept.add(facts_of(one, 8), (), None)
    assert kept.document() == whole.document()
    assert len(whole.named["actors"]) == 50
    assert whole.unnamed > 0


@pytest.mark.parametrize(
    ("file", "text", "field"),
    [
        ("severity", "level: {low: 1}", "level"),
        ("severity", "cii: much", "cii"),
        ("severity", "cii: true", "cii"),
        ("severity", "rules: [{at: 1}]", "rules"),
        ("severity", "bands: [{at_least: 9, name: low}]", "bands"),
        ("severity", "ciii: 4", "ciii"),
        ("warning", "rules: [{name: a, colour: green}]", "rules, entry 1"),
        ("warning", "rules: [{name: a, colour: red, scores: 3}]", "rules, entry 1"),
    ],
)
def test_weights_that_cannot_be_used_say_where(tmp_path: Path, file: str, text: str, field: str) -> None:
    path = tmp_path / f"{file}.yml"
    path.write_text(text)
    with pytest.raises(PolicyUnusable) as refused:
        weights(**{file: path})
    assert refused.value.place
    assert (refused.value.place.file, refused.value.place.field) == (str(path), field)

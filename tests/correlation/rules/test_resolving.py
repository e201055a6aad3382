"""References of correlations: by name, by id, to each other; what is missing, ambiguous or circular is told."""

from pathlib import Path

from correlation.errors import RuleReferenceAmbiguous, RuleReferenceCircular, RuleReferenceUnknown
from correlation.rules.condition import And, Present
from correlation.rules.loading import load_rules

RULE = """
title: Rule {0}
name: {1}
id: {0}0000000-0000-4000-8000-000000000000
logsource: {{product: hanwatch}}
detection: {{s: {{message: x}}, condition: s}}
"""
CORRELATION = """
title: {0}
name: {0}
correlation: {{type: temporal, rules: [{1}], group-by: [ip], timespan: 1m{2}}}
"""


def write(folder: Path, *documents: str) -> None:
    (folder / "rules.yml").write_text("---".join(documents), encoding="utf-8")


def test_names_become_ids_and_correlations_follow_what_they_look_at(tmp_path: Path) -> None:
    write(
        tmp_path,
        CORRELATION.format("last", "first, 10000000-0000-4000-8000-000000000000", ""),
        CORRELATION.format("first", "one, two", ", condition: one and two, aliases: {ip: {one: source.ip}}"),
        RULE.format(1, "one"),
        RULE.format(2, "two"),
    )
    rules, problems, correlations = load_rules([tmp_path])
    assert not problems
    one, two = (rule.id for rule in rules)
    first, last = correlations
    assert (first.name, first.rules) == ("first", (one, two))
    assert first.aliases == {"ip": {one: "source.ip"}}
    assert first.expression == And((Present(one), Present(two)))
    assert last.rules == (first.id, one)


def test_what_cannot_be_resolved_is_told_and_the_rest_loads(tmp_path: Path) -> None:
    write(
        tmp_path,
        RULE.format(1, "one"),
        RULE.format(2, "twice"),
        RULE.format(3, "twice"),
        CORRELATION.format("good", "one", ""),
        CORRELATION.format("missing", "one, nobody", ""),
        CORRELATION.format("unclear", "twice", ""),
        CORRELATION.format("round", "about", ""),
        CORRELATION.format("about", "round", ""),
        CORRELATION.format("behind", "missing", ""),
    )
    loaded = load_rules([tmp_path])
    assert [one.name for one in loaded.correlations] == ["good"]
    assert [(type(one), one.parameters.get("name")) for one in loaded.problems] == [
        (RuleReferenceUnknown, "nobody"),
        (RuleReferenceAmbiguous, "twice"),
        (RuleReferenceCircular, None),
        (RuleReferenceCircular, None),
        (RuleReferenceCircular, None),
    ]
    assert len(loaded.rules) == 3

"""Correlations and signals for tests, made from plain data."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import yaml

from correlation.alerts.model import Evidence
from correlation.rules.documents import parse
from correlation.rules.model import Correlation
from correlation.rules.resolving import resolve
from correlation.windows.model import Finding, Signal
from correlation.windows.proofs import pack
from sensors.event.times import SECOND
from tests.correlation.matcher.making import NOON, rule_document


def correlations(*bodies: Mapping[str, Any], rules: Iterable[str] = ("a", "b", "c")) -> list[Correlation]:
    """Correlations over rules of these names, which are their ids as well."""
    documents: list[dict[str, Any]] = [
        {**rule_document({"s": {"x": name}, "condition": "s"}, name), "name": name} for name in rules
    ]
    for number, body in enumerate(bodies):
        said = dict(body)
        title = said.pop("title", f"correlation {number}")
        documents.append({"title": title, "name": title, "correlation": said})
    found, problems = parse(yaml.safe_dump_all(documents, sort_keys=False), "made.yml")
    assert not problems, problems
    # Signals of tests name rules, which is easier to read than ids.
    plain = [replace(one, id=one.name) for one in found if not isinstance(one, Correlation)]
    resolved, wrong = resolve(plain, [one for one in found if isinstance(one, Correlation)])
    assert not wrong, wrong
    return resolved


def signal(rule: str, second: float, key: str | None = None, **values: Any) -> Signal:
    time = NOON + round(second * SECOND)
    key = key or f"{rule}{second}"
    proof = Evidence(key, "test.events", time, "00" * 16, "made", "line", 1, {})
    return Signal(rule, time, key, values, pack([proof]))


def told(findings: Iterable[Finding]) -> list[tuple[str, float, tuple[str, ...], list[str]]]:
    """Findings as title, second, group and the keys of their events."""
    return [
        (one.correlation.title, (one.time - NOON) / SECOND, one.group, [item.event_id for item in one.evidence])
        for one in findings
    ]

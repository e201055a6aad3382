"""What an alert is about: its rule, the entities that it names, and as much of its evidence as a message shows."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from correlation.alerts.model import Alert, Evidence
from correlation.notifying.escaping import MOST_VALUE, one_line
from correlation.notifying.model import Shown, Topic, digest_of

MOST_EVIDENCE: Final = 3
MOST_FIELDS: Final = 14
MOST_ENTITIES: Final = 3
"""Values of one field that name a topic; with more of them the first ones do."""


def shown(topic: Topic, alert: Alert) -> Topic:
    """A topic with the evidence of its alert."""
    evidence = tuple(map(_shown, alert.evidence[:MOST_EVIDENCE]))
    return replace(topic, evidence=evidence, evidence_total=len(alert.evidence))


def topic_of_alert(alert: Alert, by: Sequence[str]) -> Topic:
    """An alert as a topic of its own, without its evidence, which few topics show."""
    return Topic(
        rule_id=alert.rule_id,
        title=one_line(alert.title),
        title_zh=one_line(alert.title_zh),
        level=alert.level,
        attack=tuple(map(one_line, alert.attack)),
        entities=entities_of(alert.evidence, by),
        count=1,
        first=min(proof.time for proof in alert.evidence),
        last=alert.time,
        alerts=(alert.id,),
    )


def entities_of(evidence: Sequence[Evidence], by: Sequence[str]) -> dict[str, str]:
    """The values of these fields among the evidence, each field's in order of first sight."""
    found: dict[str, str] = {}
    for name in by:
        values = list(dict.fromkeys(_text(proof.summary[name]) for proof in evidence if proof.summary.get(name)))
        if values:
            found[name] = ", ".join(values[:MOST_ENTITIES])
    return found


def key_of(topic: Topic) -> str:
    """What makes two topics the same."""
    return digest_of(topic.rule_id, *(part for item in sorted(topic.entities.items()) for part in item))


def _shown(proof: Evidence) -> Shown:
    summary: Mapping[str, Any] = {
        one_line(name): _plain(value) for name, value in list(proof.summary.items())[:MOST_FIELDS]
    }
    name = one_line(proof.source_name.rpartition("/")[2] or proof.source_name)
    return Shown(one_line(proof.dataset), proof.time, name, proof.unit, proof.ordinal, summary)


def _plain(value: Any) -> Any:
    return value if isinstance(value, bool | int | float) else _text(value)


def _text(value: Any) -> str:
    values = value if isinstance(value, list | tuple) else [value]
    return one_line(", ".join(map(str, values[:MOST_ENTITIES])), MOST_VALUE)

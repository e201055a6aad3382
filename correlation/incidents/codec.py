"""Placements as JSON values, as the relational database keeps them, and back."""

from collections.abc import Mapping, Sequence
from typing import Any

from correlation.incidents.model import Facts, Key, Placement, Reason


def facts_document(facts: Facts) -> dict[str, Any]:
    """Facts without id and time, which have columns of their own; what is empty is left out."""
    said: dict[str, Any] = {
        "rule": facts.rule_id,
        "level": facts.level,
        "tactics": list(facts.tactics),
        "actors": _pairs(facts.actors),
        "victims": _pairs(facts.victims),
        "systems": _pairs(facts.systems),
        "units": _pairs(facts.units),
        "sweeping": _pairs(facts.sweeping),
        "grade": facts.grade,
        "cii": facts.cii,
    }
    said = {key: value for key, value in said.items() if value or key == "level"}
    return said if facts.indicator < 0 else said | {"indicator": facts.indicator}


def facts_from(alert_id: str, time: int, said: Mapping[str, Any]) -> Facts:
    """The facts of a document."""
    return Facts(
        alert_id,
        time,
        said["rule"],
        said["level"],
        tuple(said.get("tactics", ())),
        _keys(said.get("actors", ())),
        _keys(said.get("victims", ())),
        _keys(said.get("systems", ())),
        _keys(said.get("units", ())),
        tuple((side, kind) for side, kind in said.get("sweeping", ())),
        said.get("grade", 0),
        said.get("cii", False),
        said.get("indicator", -1),
    )


def joined_document(placement: Placement) -> dict[str, Any]:
    """Why an alert is where it is; empty where it began an incident."""
    if not placement.reasons:
        return {}
    reasons = [
        {
            "link": one.link,
            "incident": one.incident,
            "entity": list(one.entity),
            "gap": one.gap,
            **({"tactic": one.tactic, "after": one.after} if one.tactic else {}),
        }
        for one in placement.reasons
    ]
    return {"reasons": reasons} | ({"merged": list(placement.merged)} if placement.merged else {})


def reasons_from(said: Mapping[str, Any]) -> tuple[Reason, ...]:
    """The reasons of a document."""
    return tuple(
        Reason(
            one["link"], one["incident"], Key(*one["entity"]), one["gap"], one.get("tactic", ""), one.get("after", "")
        )
        for one in said.get("reasons", ())
    )


def placement_from(
    alert_id: str, time: int, incident: str, facts: Mapping[str, Any], joined: Mapping[str, Any]
) -> Placement:
    """A placement of its documents."""
    return Placement(facts_from(alert_id, time, facts), incident, reasons_from(joined), tuple(joined.get("merged", ())))


def _pairs(keys: Sequence[tuple[str, str]]) -> list[list[str]]:
    return [list(key) for key in keys]


def _keys(said: Sequence[Sequence[Any]]) -> tuple[Key, ...]:
    return tuple(Key(kind, value) for kind, value in said)

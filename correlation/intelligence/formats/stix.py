"""STIX 2.1: bundles, or lists of objects as TAXII sends them; used are the indicators whose pattern names values.

Specification: STIX 2.1, section 4.7 (Indicator), 3.2 (common properties), 7.2.1.4 (markings of the Traffic Light
Protocol, of which the identifiers are fixed), 9 (patterning). What has no lang of STIX patterns is told as not usable.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from correlation.intelligence.errors import IndicatorUnusable
from correlation.intelligence.formats.documents import mapping, sequence
from correlation.intelligence.formats.stix_pattern import PatternNotSimpleError, values_of
from correlation.intelligence.formats.values import confidence_of, moment_of, text_of
from correlation.intelligence.model import MARKINGS, Assumed, Indicator, Kind, Portion, marking_of
from correlation.intelligence.normalising import normalised
from sensors.errors import Place, Problem

OBJECTS: Final = 5_000
"""Objects of a portion."""

_TLP: Final = {
    "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9": "CLEAR",
    "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da": "GREEN",
    "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82": "AMBER",
    "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed": "RED",
    "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487": "CLEAR",
    "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb": "GREEN",
    "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421": "AMBER",
    "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003": "AMBER+STRICT",
    "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1": "RED",
}
"""Identifiers of TLP 1 (STIX 2.1, section 7.2.1.4) and of TLP 2.0 (OASIS, "STIX TLP 2.0 extension definition")."""


def bundle_portions(document: Any, origin: str, assumed: Assumed) -> Iterator[Portion]:
    """The indicators of a document that is a bundle, or a list of objects, in portions."""
    found = document if isinstance(document, list) else sequence(mapping(document).get("objects"))
    yield from stix_portions(found, origin, assumed)


def stix_portions(objects: Iterable[Any], origin: str, assumed: Assumed) -> Iterator[Portion]:
    """The indicators among STIX objects, in portions; the place of a problem is the object's id."""
    known = [mapping(one) for one in objects]
    names = _Names(known)
    wanted = [one for one in known if one.get("type") == "indicator"]
    for start in range(0, len(wanted), OBJECTS):
        indicators: list[Indicator] = []
        problems: list[Problem] = []
        withdrawn: list[tuple[str, str]] = []
        for one in wanted[start : start + OBJECTS]:
            identity = text_of(one.get("id"), 200)
            if one.get("revoked") is True:
                withdrawn.append((assumed.provider_of(names.creator(one.get("created_by_ref"))), identity))
                continue
            place = Place(origin, field=identity or "indicator")
            try:
                values = _values(one, place)
            except IndicatorUnusable as problem:
                problems.append(problem)
                continue
            for said in values:
                try:
                    indicators.append(_indicator(one, names, assumed, said))
                except IndicatorUnusable as problem:
                    problem.place = place
                    problems.append(problem)
        yield Portion(tuple(indicators), tuple(problems), tuple(withdrawn))


class _Names:
    """What other objects say that indicators refer to: markings, and who made them."""

    def __init__(self, objects: Iterable[Mapping[str, Any]]) -> None:
        self._markings = dict(_TLP)
        self._identities: dict[str, str] = {}
        for one in objects:
            identity = one.get("id")
            if not isinstance(identity, str):
                continue
            if one.get("type") == "identity":
                self._identities[identity] = text_of(one.get("name"), 100)
            elif one.get("type") == "marking-definition":
                said = mapping(one.get("definition")).get("tlp") or one.get("name")
                if found := marking_of(text_of(said)):
                    self._markings[identity] = found

    def marking(self, references: Any) -> str:
        """The strictest marking among these."""
        found = [self._markings.get(one, "") for one in sequence(references) if isinstance(one, str)]
        return max((one for one in found if one), key=MARKINGS.index, default="")

    def creator(self, reference: Any) -> str:
        """Who made an object; empty where nobody is named."""
        return self._identities.get(reference, "") if isinstance(reference, str) else ""


def _values(one: Mapping[str, Any], place: Place) -> list[tuple[Kind, str]]:
    """What the pattern names.

    Raises:
        IndicatorUnusable: it asks for more than values, or is in another language.
    """
    pattern = one.get("pattern")
    if one.get("pattern_type", "stix") != "stix" or not isinstance(pattern, str):
        raise IndicatorUnusable(place=place, value=text_of(pattern, 200), reason="stix-pattern-language")
    try:
        return values_of(pattern)
    except PatternNotSimpleError as error:
        raise IndicatorUnusable(place=place, value=text_of(pattern, 200), reason=error.reason) from error


def _indicator(one: Mapping[str, Any], names: _Names, assumed: Assumed, said: tuple[Kind, str]) -> Indicator:
    kind, value = normalised(said[1], said[0])
    valid_from, changed = moment_of(one.get("valid_from")), moment_of(one.get("modified"))
    return Indicator(
        kind=kind,
        value=value,
        provider=assumed.provider_of(names.creator(one.get("created_by_ref"))),
        confidence=confidence_of(one.get("confidence"), assumed),
        seen=max(filter(None, (valid_from, changed)), default=assumed.now),
        valid_from=valid_from,
        valid_until=moment_of(one.get("valid_until")),
        tags=tuple(filter(None, (text_of(tag, 100) for tag in sequence(one.get("labels"))[:50]))),
        name=text_of(one.get("name"), 200),
        description=text_of(one.get("description")),
        marking=names.marking(one.get("object_marking_refs")),
        id=text_of(one.get("id"), 200),
    )

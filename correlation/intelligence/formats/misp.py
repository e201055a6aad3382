"""Feeds of MISP: a folder with manifest.json and one JSON file for each event; or such an event by itself.

Specification: MISP core format (draft-dulaunoy-misp-core-format), sections 2.4 (Attribute: `type`, `to_ids`, `value`,
`timestamp`, `first_seen`, `deleted`) and 2.5 (Object), and MISP, "Feeds" (manifest.json). Only attributes that their
author marked for detection (`to_ids`) are indicators.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from correlation.intelligence.errors import FeedUnreadable, IndicatorUnusable
from correlation.intelligence.formats.documents import load_document, mapping, sequence
from correlation.intelligence.formats.values import moment_of, text_of
from correlation.intelligence.model import Assumed, Indicator, Kind, Portion, marking_of
from correlation.intelligence.normalising import normalised
from sensors.errors import Place, Problem

MANIFEST: Final = "manifest.json"
UUID: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

TYPES: Final[Mapping[str, tuple[Kind | None, ...]]] = {
    "ip-src": ("ip",), "ip-dst": ("ip",), "ip-src|port": ("ip", None), "ip-dst|port": ("ip", None),
    "domain": ("domain",), "hostname": ("domain",), "domain|ip": ("domain", "ip"), "hostname|port": ("domain", None),
    "url": ("url",), "uri": ("url",), "link": ("url",),
    "md5": ("hash",), "sha1": ("hash",), "sha256": ("hash",), "sha384": ("hash",), "sha512": ("hash",),
    "filename|md5": (None, "hash"), "filename|sha1": (None, "hash"), "filename|sha256": (None, "hash"),
    "filename|sha512": (None, "hash"), "malware-sample": (None, "hash"),
    "ja3-fingerprint-md5": ("ja3",), "ja4-fingerprint": ("ja4",), "ja4": ("ja4",),
}  # fmt: skip
"""Kinds of the parts of a value, between bars, by MISP's type; a part without a kind is left out."""


def is_feed(folder: Path) -> bool:
    """Whether a folder holds a feed of MISP."""
    return (folder / MANIFEST).is_file()


def is_event(document: Any) -> bool:
    """Whether a document is an event of MISP."""
    return isinstance(mapping(document).get("Event"), dict)


def events_of(folder: Path) -> list[Path]:
    """The files of the events that the manifest of a feed names.

    Raises:
        FeedUnreadable: the manifest cannot be read.
    """
    manifest = mapping(load_document(folder / MANIFEST))
    return [folder / f"{name}.json" for name in sorted(manifest) if UUID.fullmatch(name)]


def read_misp(path: Path, assumed: Assumed) -> Iterator[Portion]:
    """The indicators of one event, as one portion.

    Raises:
        FeedUnreadable: the file cannot be read, is no JSON or no event.
    """
    document = load_document(path)
    if not is_event(document):
        raise FeedUnreadable(place=Place(str(path)), reason="misp-no-event")
    yield event_portion(document, str(path), assumed)


def event_portion(document: Any, origin: str, assumed: Assumed) -> Portion:
    """The indicators of a document that is an event."""
    return _Event(document["Event"], origin, assumed).portion()


class _Event:
    """One event: what it says of all its attributes, and these one by one."""

    def __init__(self, event: Mapping[str, Any], origin: str, assumed: Assumed) -> None:
        self._event = event
        self._origin = origin
        self._assumed = assumed
        tags = [text_of(mapping(tag).get("name"), 100) for tag in sequence(event.get("Tag"))]
        self._tags = tuple(tag for tag in tags if tag)
        self._provider = assumed.provider_of(text_of(mapping(event.get("Orgc")).get("name"), 100))

    def portion(self) -> Portion:
        indicators: list[Indicator] = []
        problems: list[Problem] = []
        withdrawn: list[tuple[str, str]] = []
        for attribute in self._attributes():
            uuid = text_of(attribute.get("uuid"), 100)
            if attribute.get("deleted") in (True, 1, "1"):
                withdrawn.append((self._provider, uuid))
            elif attribute.get("to_ids") in (True, 1, "1"):
                place = Place(self._origin, field=uuid or "Attribute")
                for kind, text in _parts(attribute, place, problems):
                    try:
                        indicators.append(self._indicator(attribute, uuid, *normalised(text, kind)))
                    except IndicatorUnusable as problem:
                        problem.place = place
                        problems.append(problem)
        return Portion(tuple(indicators), tuple(problems), tuple(withdrawn))

    def _attributes(self) -> Iterator[Mapping[str, Any]]:
        yield from map(mapping, sequence(self._event.get("Attribute")))
        for one in map(mapping, sequence(self._event.get("Object"))):
            if one.get("deleted") not in (True, 1, "1"):
                yield from map(mapping, sequence(one.get("Attribute")))

    def _indicator(self, attribute: Mapping[str, Any], uuid: str, kind: Kind, value: str) -> Indicator:
        own = [text_of(mapping(tag).get("name"), 100) for tag in sequence(attribute.get("Tag"))]
        tags = (*(tag for tag in own if tag), *self._tags)
        last = moment_of(attribute.get("last_seen"))
        changed = moment_of(attribute.get("timestamp")) or moment_of(self._event.get("timestamp"))
        return Indicator(
            kind=kind,
            value=value,
            provider=self._provider,
            confidence=self._assumed.confidence if self._assumed.forced is None else self._assumed.forced,
            seen=last or changed or moment_of(self._event.get("date")) or self._assumed.now,
            first_seen=moment_of(attribute.get("first_seen")),
            last_seen=last,
            tags=tags[:50],
            name=text_of(self._event.get("info"), 200),
            description=text_of(attribute.get("comment")),
            marking=next(filter(None, map(marking_of, tags)), ""),
            id=uuid,
        )


def _parts(attribute: Mapping[str, Any], place: Place, problems: list[Problem]) -> Iterator[tuple[Kind, str]]:
    """The parts of an attribute's value that are of a kind."""
    form, value = text_of(attribute.get("type"), 100), attribute.get("value")
    kinds = TYPES.get(form)
    if kinds is None or not isinstance(value, str):
        reason = "misp-type-not-looked-at" if kinds is None else "indicator-odd-text"
        problems.append(IndicatorUnusable(place=place, value=f"{form}: {text_of(value, 200)}", reason=reason))
        return
    parts = value.split("|", 1) if len(kinds) > 1 else [value]
    for kind, text in zip(kinds, parts, strict=False):
        if kind is not None:
            yield kind, text

"""A declared format whose texts are the lines of a file, as a line parser.

A header that gives the names of values (`#Fields:`) is the session's state, so that reading can go on behind it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from sensors.parser import Lines, Parsed
from sensors.parsers.assembly import Assembly, reject
from sensors.parsers.declared.format import Format
from sensors.parsers.encoding import decode_lines
from sensors.parsers.layouts import pick
from sensors.parsers.locality import locality
from sensors.parsers.values import text_of
from sensors.reading.joining import Joining

ODD = "declared-odd-line"
_COMMENT = "#"


class DeclaredLines:
    """A declared format, line by line."""

    def __init__(self, one: Format) -> None:
        self._format = one
        self.name = one.name
        begins = one.declaration.begins
        self.joining = None if begins is None else Joining(begins)

    def recognises(self, head: Sequence[bytes]) -> bool:
        """Whether most of these lines hold what the declaration asks for, and can be taken apart."""
        texts, _ = decode_lines(head)
        if self._format.separated is not None:
            return any(self._format.separated.header(text) is not None for text in texts)
        rows = [index for index, text in enumerate(texts) if self._matches(text)]
        if len(rows) * 2 <= len(texts):
            return False
        after = self._format.declaration.match.after
        own = [_behind(texts[row], after) for row in rows]
        _, left = self._format.parts(own, rows, 0, locality("").zone)
        return (len(rows) - len(left)) * 2 > len(texts)

    def _matches(self, text: str) -> bool:
        match = self._format.declaration.match
        if not all(word in text for word in match.contains):
            return False
        if match.after and not text.startswith(match.after):
            return False
        if match.starts and not text.startswith(match.starts):
            return False
        if match.keys:
            try:
                value = orjson.loads(text)
            except orjson.JSONDecodeError:
                return False
            return value.__class__ is dict and all(_has(value, key, wanted) for key, wanted in match.keys.items())
        return True

    def parse(self, lines: Lines, state: Any) -> Parsed:
        """Every line that the format takes is an event."""
        place = locality(lines.placed)
        texts, encodings = decode_lines(lines.texts, lines.said(place.encoding))
        skipped = 0
        found: list[tuple[tuple[str, ...] | None, list[int]]] = [(_names(state), [])]
        separated = self._format.separated
        for row, text in enumerate(texts):
            header = separated.header(text) if separated is not None else None
            if header is not None:
                found.append((header, []))
                skipped += 1
            elif not text.strip() or (separated is not None and text.startswith(_COMMENT)):
                skipped += 1
            else:
                found[-1][1].append(row)
        assembly = Assembly.of(lines, encodings)
        left: list[int] = []
        for names, rows in found:
            if rows:
                left += self._add(assembly, texts, rows, names, lines)
        rejects = tuple(reject(lines, row, ODD, self.name) for row in sorted(left))
        names = found[-1][0]
        return Parsed(tuple(assembly.batches), rejects, skipped, None if names is None else list(names))

    def _add(
        self,
        assembly: Assembly,
        texts: Sequence[str],
        rows: Sequence[int],
        names: tuple[str, ...] | None,
        lines: Lines,
    ) -> list[int]:
        match = self._format.declaration.match
        own = [_behind(texts[row], match.after) for row in rows] if match.after else pick(texts, rows)
        parts, left = self._format.parts(own, rows, lines.received, locality(lines.placed).zone, names)
        for part in parts:
            part.columns["event.original"] = pick(texts, part.rows)
            if part.prose:
                part.columns.setdefault("message", part.columns["event.original"])
            assembly.add(
                part.dataset,
                constants=part.constants,
                rows=part.rows,
                moments=[None] * len(part.rows) if part.moments is None else part.moments,
                columns=part.columns,
                spoken_time=part.spoken,
            )
        return left


def _behind(text: str, anchors: Sequence[str]) -> str:
    return next((text.partition(anchor)[2].lstrip() for anchor in anchors if anchor in text), text)


def _names(state: Any) -> tuple[str, ...] | None:
    return tuple(map(str, state)) if isinstance(state, list) else None


def _has(value: Mapping[str, Any], key: str, wanted: Any) -> bool:
    found: Any = value
    for name in [key] if key in value else key.split("."):
        if found.__class__ is not dict or name not in found:
            return False
        found = found[name]
    return wanted is None or text_of(found) == text_of(wanted)

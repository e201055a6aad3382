"""Zeek's logs as JSON lines (LogAscii::use_json); the log is said by `_path`, by the file's name or by the keys."""

from collections.abc import Sequence
from typing import Any

import orjson

from sensors.parser import Lines, Parsed
from sensors.parsers.assembly import Assembly
from sensors.parsers.caches import Bounded
from sensors.parsers.jsonlines import load
from sensors.parsers.zeek import OTHER, Zeek, log_named, log_of_file, log_of_keys, moment


class ZeekJson:
    """Zeek JSON lines."""

    name = "zeek.json"

    def __init__(self) -> None:
        self._zeek = Zeek()
        self._logs: Bounded[tuple[str, ...], str] = Bounded(log_of_keys, entries=4_096)

    def recognises(self, head: Sequence[bytes]) -> bool:
        """Whether most of these lines are objects with a `ts` that is a time, and the log can be told from them."""
        return sum(map(self._is_zeek, head)) * 2 > len(head)

    def _is_zeek(self, line: bytes) -> bool:
        try:
            value = orjson.loads(line)
        except orjson.JSONDecodeError:
            return b'"ts":' in line and (b'"id.orig_h"' in line or b'"_path"' in line)
        if value.__class__ is not dict or moment(value.get("ts")) is None:
            return False
        return "id.orig_h" in value or "_path" in value or "uid" in value or self._logs[tuple(value)] != OTHER

    def parse(self, lines: Lines, state: Any) -> Parsed:  # noqa: ARG002 - this format has no state
        """Every object is an event of the dataset `zeek.<log>`."""
        of_file = log_of_file(lines.source.name)
        loaded = load(lines)
        assembly = Assembly.of(lines, loaded.encodings)
        for layout in loaded.layouts(lines):
            otherwise = of_file or self._logs[layout.names]
            for part in layout.by(("_path",), lambda path, otherwise=otherwise: log_named(path) or otherwise):
                self._zeek.add(str(part.key), part.rows, part.names, part.columns, assembly)
        return Parsed(tuple(assembly.batches), tuple(loaded.rejects), loaded.skipped)

r"""Zeek's logs as tab-separated text: header lines say separators, names and types, and may come again in the middle.

docs.zeek.org, "Zeek Log Formats and Inspection", and Zeek's ASCII writer (src/logging/writers/ascii, src/Desc.cc) for
the escapes: what would be taken for a separator, or is no printable text, is written as \\xNN.
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from sensors.parser import Lines, Parsed
from sensors.parsers.assembly import Assembly, reject
from sensors.parsers.caches import Bounded
from sensors.parsers.encoding import decode_lines
from sensors.parsers.layouts import grouped, pick
from sensors.parsers.values import UNFIT, whole_number
from sensors.parsers.zeek import OTHER, Zeek, log_named, log_of_file
from sensors.reading.model import Reject

_ESCAPE = re.compile(r"(?:\\x[0-9a-fA-F]{2})+|\\\\")
_CONTAINER = re.compile(r"(?:set|vector|table|list)\[(.*)\]")


@dataclass(frozen=True, slots=True)
class Header:
    """What the header lines have said so far; columns are known when `fields` are."""

    separator: str = "\t"
    set_separator: str = ","
    empty_field: str = "(empty)"
    unset_field: str = "-"
    path: str = ""
    fields: tuple[str, ...] = ()
    types: tuple[str, ...] = ()

    @classmethod
    def of(cls, state: Any) -> "Header":
        """The header that a state describes, an empty one at the start."""
        return cls() if state is None else cls(**state | {key: tuple(state[key]) for key in ("fields", "types")})

    def after(self, line: str) -> "Header":
        """The header with one more line of it."""
        if line.startswith("#separator "):
            separator = _plain(line.removeprefix("#separator "))
            return Header(separator=separator) if separator else Header()
        name, _, value = line[1:].partition(self.separator)
        if name in ("set_separator", "empty_field", "unset_field", "path") and value:
            said: dict[str, Any] = {name: value}
            return replace(self, **said)
        if name == "fields":
            return replace(self, fields=tuple(value.split(self.separator)), types=())
        if name == "types":
            return replace(self, types=tuple(value.split(self.separator)))
        return self


def _unescaped(match: re.Match[str]) -> str:
    text = match.group()
    if text == "\\\\":
        return "\\"
    data = bytes.fromhex(text.replace("\\x", ""))
    decoded = data.decode("utf-8", "surrogateescape")
    return "".join(f"\\x{ord(c) - 0xDC00:02x}" if "\udc80" <= c <= "\udcff" else c for c in decoded)


def _plain(text: str) -> str:
    return _ESCAPE.sub(_unescaped, text) if "\\" in text else text


def _whole(text: str) -> Any:
    found = whole_number(text)
    return text if found is UNFIT else found


def _number(text: str) -> Any:
    try:
        found = float(text)
    except ValueError:
        return text
    return found if math.isfinite(found) else text


_TRUTHS: dict[str, Any] = {"T": True, "F": False}
SAFE_DIGITS = 18
"""So many decimal digits always fit into 64 bits."""
_SCALARS: dict[str, Callable[[str], Any]] = {
    "count": _whole, "int": _whole, "port": _whole, "double": _number, "interval": _number, "time": _number,
    "bool": lambda text: _TRUTHS.get(text, text),
}  # fmt: skip
_PLAINS: Bounded[str, str] = Bounded(_plain)


def typed(column: Sequence[str], kind: str, header: Header) -> Sequence[Any]:
    """A column's values by Zeek's type; a value that contradicts its type stays text."""
    inner = _CONTAINER.fullmatch(kind)
    if inner is not None:
        one = _SCALARS.get(inner.group(1), _plain)
        return [
            [] if text == header.empty_field else [
                None if item == header.unset_field else one(item) for item in text.split(header.set_separator)
            ]
            for text in column
        ]
    if kind in ("time", "interval", "double"):
        try:
            values = list(map(float, column))
        except ValueError:
            return list(map(_number, column))
        return values if math.isfinite(math.fsum(map(abs, values))) else list(map(_number, column))
    if kind == "bool":
        return list(map(_TRUTHS.get, column, column))
    if kind in ("count", "int", "port"):
        # One look at all digits together instead of one at each value's.
        joined = "".join(column)
        lengths = set(map(len, column))
        plain = joined.isascii() and joined.isdecimal() and 0 not in lengths and max(lengths) <= SAFE_DIGITS
        return list(map(int if plain else _whole, column))
    if header.empty_field in column:
        column = ["" if text == header.empty_field else text for text in column]
    return list(map(_PLAINS.__getitem__, column)) if "\\" in "".join(column) else column


class ZeekTsv:
    """Zeek tab-separated logs."""

    name = "zeek.tsv"

    def __init__(self) -> None:
        self._zeek = Zeek()

    def recognises(self, head: Sequence[bytes]) -> bool:
        """Whether a header of Zeek stands among these lines."""
        return any(line.startswith((b"#separator ", b"#fields\t")) for line in head)

    def parse(self, lines: Lines, state: Any) -> Parsed:
        """Lines below a header are events of the dataset `zeek.<path>`; header lines are skipped."""
        header = Header.of(state)
        texts, encodings = decode_lines(lines.texts)
        assembly = Assembly.of(lines, encodings)
        rejects: list[Reject] = []
        skipped = 0
        begin = 0
        marks = [index for index, text in enumerate(texts) if not text or text[0] == "#"]
        for mark in [*marks, len(texts)]:
            if begin < mark:
                rejects += self._block(lines, texts, range(begin, mark), header, assembly)
            begin = mark + 1
            if mark < len(texts):
                skipped += 1
                if texts[mark]:
                    header = header.after(texts[mark])
        return Parsed(tuple(assembly.batches), tuple(rejects), skipped, asdict(header))

    def _block(
        self, lines: Lines, texts: Sequence[str], rows: Sequence[int], header: Header, assembly: Assembly
    ) -> list[Reject]:
        width = len(header.fields)
        if not width:
            return [reject(lines, row, "zeek-no-header") for row in rows]
        if len(set(header.fields)) != width:
            return [reject(lines, row, "ambiguous-keys") for row in rows]
        separator = header.separator
        split = [texts[row].split(separator) for row in rows]
        rejects = []
        if set(map(len, split)) != {width}:
            rejects = [
                reject(lines, row, "zeek-columns", f"{len(parts)} of {width}")
                for row, parts in zip(rows, split, strict=True)
                if len(parts) != width
            ]
            rows = [row for row, parts in zip(rows, split, strict=True) if len(parts) == width]
            split = [parts for parts in split if len(parts) == width]
            if not split:
                return rejects
        columns = list(zip(*split, strict=True))
        log = log_named(header.path) or log_of_file(lines.source.name) or OTHER
        types = header.types if len(header.types) == width else ("string",) * width
        unset = header.unset_field
        partial = [index for index, column in enumerate(columns) if unset in column]
        groups: dict[tuple[bool, ...], Sequence[int] | None] = {(): None}
        if partial:
            absences = zip(*[[text == unset for text in columns[index]] for index in partial], strict=True)
            groups = dict(grouped(list(absences)))
        for absent, chosen in groups.items():
            gone = {index for index, mark in zip(partial, absent, strict=True) if mark}
            kept = [index for index in range(width) if index not in gone]
            here = [pick(columns[index], chosen) for index in kept]
            # The time keeps its text, which has all of its digits.
            values = [
                column if header.fields[index] == "ts" else typed(column, types[index], header)
                for index, column in zip(kept, here, strict=True)
            ]
            self._zeek.add(log, pick(rows, chosen), tuple(header.fields[index] for index in kept), values, assembly)
        return rejects

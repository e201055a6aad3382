"""Rows of texts become rows of meanings: each record below the headings, with its problems in their places."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from inventory.sheets.errors import CellBeyond, CellMerged, CellTooLong, RowProblem
from inventory.sheets.escaping import meant
from inventory.sheets.merging import Merged, Range
from inventory.sheets.model import Fault, Limits, Record, Row, Sheet
from inventory.sheets.texts import LOST, faults_of
from sensors.errors import Place

_KEPT: Final = 1_000
"""Characters that are returned of a cell that is too long."""
_TOLD: Final = 3
"""Cells of a row that are told of one kind of fault: whoever mends those sees the others."""
_NOT_SAID: Final = "#N/A"
"""What is returned of a cell that merged cells cover: it is at fault again if nobody replaces it."""


def rows_of(records: Iterable[Record], sheet: Sheet, merged: Merged, limits: Limits) -> Iterator[Row]:
    """The rows below the headings; `merged` cells in them are problems, as is what stands beside the headings."""
    places = _Places(sheet)
    shared: dict[Range, str] = {}
    begin = sheet.place.line or 0
    width = len(sheet.headings)
    for record in records:
        if record.number <= begin:
            continue
        texts = [meant(text) if text[:1] == "'" else text for text in record.texts]
        faults = record.faults
        for fault in faults_of(texts, limits.cell):
            if all(fault.column != known.column for known in faults):
                faults += (fault,)
        texts.extend([""] * (width - len(texts)))
        ranges = merged.at(record.number)
        if ranges:
            faults += _merged(ranges, record.number, texts, shared)
        if len(texts) > width:
            beyond = [column for column in range(width, len(texts)) if texts[column]][:_TOLD]
            faults += tuple(Fault(column, CellBeyond, {"value": texts[column][:40]}) for column in beyond)
        for fault in faults:
            if fault.kind is CellTooLong and fault.column < len(texts):
                texts[fault.column] = texts[fault.column][:_KEPT] + LOST
        yield Row(
            Place(sheet.place.file, record.number),
            {key: texts[column] for column, key in places.columns},
            tuple(texts),
            tuple(places.problem(fault, record.number) for fault in faults),
        )


@dataclass(frozen=True, slots=True)
class _Places:
    """Where each key's column is, and how a fault becomes a problem with its place."""

    sheet: Sheet
    columns: tuple[tuple[int, str], ...] = field(init=False)

    def __post_init__(self) -> None:
        columns = tuple((column, key) for column, key in enumerate(self.sheet.keys) if key is not None)
        object.__setattr__(self, "columns", columns)

    def problem(self, fault: Fault, number: int) -> RowProblem:
        headings = self.sheet.headings
        heading = headings[fault.column] if fault.column < len(headings) else ""
        place = Place(self.sheet.place.file, number, fault.column + 1, heading or None)
        parameters: Mapping[str, object] = fault.parameters
        return fault.kind(place=place, **parameters)


def _merged(ranges: list[Range], number: int, texts: list[str], shared: dict[Range, str]) -> tuple[Fault, ...]:
    """Merged cells as faults. One column's text is returned in each of its rows, for a person to confirm."""
    for one in ranges:
        if len(texts) <= one.left:
            texts.extend([""] * (one.left + 1 - len(texts)))
        if one.left == one.right:
            if one.top == number:
                shared[one] = texts[one.left]
            texts[one.left] = texts[one.left] or shared.get(one, "")
            if one.bottom == number:
                shared.pop(one, None)
        else:
            last = min(one.right, len(texts) - 1)
            for column in range(one.left, last + 1):
                texts[column] = texts[column] or _NOT_SAID
    return tuple(Fault(one.left, CellMerged, {"range": one.text}) for one in ranges[:_TOLD])

"""The records behind a number as a table, and tables as CSV that no spreadsheet takes for formulas."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Any, Final

from inventory.indicators.formulas import FORMULAS
from inventory.indicators.model import Measured, Ruled, Scope
from inventory.indicators.naming import Names
from inventory.registers import registers
from inventory.sheets.escaping import defended
from inventory.values import spell

HEADINGS: Final = ("key", "id", "unit", "district", "verdict", "judged", "reason", "amount", "exclusion")
"""Before the fields that were judged, each called `said:FIELD`."""
EXCLUSIONS: Final = (
    "code", "indicator", "register", "record", "reason", "approved_by", "approved_on", "expires_on", "holds",
)  # fmt: skip


def records_table(measured: Measured, names: Names) -> tuple[Sequence[str], list[list[str]]]:
    """The headings and rows of the records that an indicator looked at; there are none of what was only reported."""
    formula = FORMULAS.get(measured.indicator.formula)
    if formula is None:
        return HEADINGS, []
    kinds = [registers()[formula.register].by_key[key] for key in formula.fields]
    rows = [
        [
            one.key, one.id, names.of(Scope("unit", one.unit))[0], names.of(Scope("district", one.district))[0],
            one.verdict, one.judged, one.reason, repr(one.amount), one.exclusion,
            *(spell(field, value) for field, value in zip(kinds, one.said, strict=True)),
        ]
        for one in measured.records
    ]  # fmt: skip
    return (*HEADINGS, *(f"said:{key}" for key in formula.fields)), rows


def exclusions_rows(ruled: Iterable[Ruled]) -> list[list[str]]:
    """Exclusions and whether they count, as rows below `EXCLUSIONS`."""
    return [
        [
            one.exclusion.code, str(one.exclusion.indicator), one.exclusion.register, one.exclusion.record,
            one.exclusion.reason, one.exclusion.approved_by, one.exclusion.approved_on, one.exclusion.expires_on,
            one.holds,
        ]
        for one in ruled
    ]  # fmt: skip


def csv_of(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """A table as CSV, in UTF-8 with its mark so that Excel reads Chinese."""
    written = StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow(headings)
    writer.writerows([defended(str(cell)) for cell in row] for row in rows)
    return written.getvalue().encode("utf-8-sig")

"""Evidence packs: a zip with a plan, its indicators on a day, the records behind each number, and what checks them.

The same registers, day and moment of knowledge give the same bytes, so that the digest of a pack can be published.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from hashlib import sha256
from importlib.resources import files
from io import BytesIO
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import orjson

from inventory.days import end_of
from inventory.indicators.computing import Indicators
from inventory.indicators.formulas import FORMULAS, meanings
from inventory.indicators.listing import EXCLUSIONS, csv_of, exclusions_rows, records_table
from inventory.indicators.model import CITY, Measured, Report, Scope
from inventory.indicators.naming import Names
from inventory.indicators.ports import Columns
from inventory.indicators.verify import MANIFEST
from inventory.model import Moment
from inventory.registers import registers
from sensors.event.times import iso

_REPORTS: Final = (
    "indicator", "of", "day", "scope", "value", "numerator", "denominator", "unit", "evidence", "evidence_digest",
)  # fmt: skip
_TIME: Final = (1980, 1, 1, 0, 0, 0)
_README: Final = """\
证据包：{title}，截至 {day}，以 {known} 所知为准。
校验（离线，仅需 Python 标准库）：python3 -I -S verify.py

Evidence pack: {title_en}, as of {day}, as it was known at {known}.
To check it offline, with nothing but Python's standard library: python3 -I -S verify.py

values.json      every indicator: value, numerator, denominator, target, standing 各指标
records/         the records behind each number; NN-target.csv as of the target's day 各数值所依记录
exclusions.csv   what was excluded, by whom, until when, and whether it counted 不计入项
reports.csv      what was reported, with the digests of the evidence 填报值
plan.json        the plan 规划     formulas.json  what is counted 计算口径
judges.py        what a record is to a rate 逐条判定     verify.py  counts again 复算
MANIFEST.sha256  digests of all files 各文件摘要
"""


def pack(known: Columns, indicators: Indicators, day: str, recorded: int) -> bytes:
    """The zip for a day, as it was known at a moment."""
    contents = dict(_contents(known, indicators, day, recorded))
    manifest = "".join(f"{sha256(content).hexdigest()}  {name}\n" for name, content in sorted(contents.items()))
    contents[MANIFEST] = manifest.encode()
    made = BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as archive:
        for name, content in sorted(contents.items()):
            entry = ZipInfo(name, _TIME)
            entry.compress_type = ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return made.getvalue()


def _contents(known: Columns, indicators: Indicators, day: str, recorded: int) -> Iterator[tuple[str, bytes]]:
    plan = indicators.plan
    names = Names(known, Moment(end_of(day) - 1, recorded))
    now = indicators.measure(day, recorded)
    past: list[Measured] = []
    for target in sorted({one.target.day for one in plan.indicators if one.target.day < day}):
        due = [one for one in plan.indicators if one.target.day == target]
        past += indicators.measure(target, recorded, wanted=due)
    values = {
        "format": 1, "plan": plan.id, "day": day, "known": iso(recorded), "plan_sha256": sha256(plan.text).hexdigest(),
        "indicators": [_document(one, _file(one)) for one in now],
        "on_target_day": [_document(one, _file(one, "-target")) for one in past],
    }  # fmt: skip
    yield "plan.json", plan.text
    yield "values.json", orjson.dumps(values, option=orjson.OPT_INDENT_2)
    yield "formulas.json", orjson.dumps(_words(), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
    for suffix, measured in (("", now), ("-target", past)):
        for one in measured:
            if name := _file(one, suffix):
                yield name, csv_of(*records_table(one, names))
    yield "exclusions.csv", csv_of((*EXCLUSIONS, "of"), _exclusions([*now, *past]))
    yield "reports.csv", csv_of(_REPORTS, _reports(indicators, {day, *(one.day for one in past)}, recorded, names))
    told = {"title": plan.title.zh, "title_en": plan.title.en, "day": day, "known": iso(recorded)}
    yield "README.txt", _README.format(**told).encode()
    for name in ("judges.py", "verify.py"):
        yield name, (files("inventory.indicators") / name).read_bytes()


def _file(one: Measured, suffix: str = "") -> str:
    return f"records/{one.indicator.number:02d}{suffix}.csv" if one.indicator.formula else ""


def _document(one: Measured, file: str) -> dict[str, Any]:
    indicator, formula = one.indicator, FORMULAS.get(one.indicator.formula)
    fields: Sequence[Mapping[str, str]] = ()
    if formula is not None:
        by_key = registers()[formula.register].by_key
        fields = [{"key": key, "kind": by_key[key].kind} for key in formula.fields]
    tally = {} if one.tally is None else {"tally": asdict(one.tally)}
    return {
        "number": indicator.number, "entered_as": indicator.entered_as, "title": asdict(indicator.title),
        "unit": asdict(indicator.unit), "day": one.day, "source": one.source, "value": one.value,
        "at_most": one.at_most, "numerator": one.numerator, "denominator": one.denominator,
        "target": asdict(indicator.target), "met": one.met, "standing": one.standing, "formula": indicator.formula,
        "register": formula.register if formula else "", "amount": formula.amount if formula else "",
        "fields": fields, "records": file, "report": None if one.entered is None else asdict(one.entered), **tally,
    }  # fmt: skip


def _words() -> dict[str, Any]:
    return {code: asdict(one) for code, one in meanings().items()}


def _exclusions(measured: Sequence[Measured]) -> Iterator[list[str]]:
    """All exclusions with the day for which it is said whether they count."""
    for one in measured:
        yield from ([*row, one.day] for row in exclusions_rows(one.exclusions))


def _reports(indicators: Indicators, days: set[str], recorded: int, names: Names) -> list[list[Any]]:
    """All reports of those days, those that name nothing known included, each once."""
    found = set[tuple[Any, ...]]()
    for day in sorted(days):
        view = indicators.view(day, recorded)
        for (_, scope), some in view.reports.items():
            found.update(_report(one, _of(scope, names), names) for one in some)
        found.update(_report(one, "", names) for one in view.strays)
    return sorted(([*row] for row in found), key=lambda row: tuple(map(str, row)))


def _of(scope: Scope, names: Names) -> str:
    return "city" if scope == CITY else f"{scope.kind}/{names.of(scope)[0]}"


def _report(one: Report, of: str, names: Names) -> tuple[Any, ...]:
    parts = ("" if number is None else repr(float(number)) for number in (one.value, one.numerator, one.denominator))
    unit = names.of(Scope("unit", one.unit))[0]
    return one.indicator, of, one.day, one.scope, *parts, unit, one.evidence, one.digest

"""How the report of an audit is printed or written: one way for each format."""

import gc
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import orjson
from rich.markup import escape

from api.audits.documents import documents
from api.audits.errors import ReportUnwritable
from api.audits.page import as_html
from api.audits.report import Report, Section, more_text
from api.audits.tables import as_csv, write_xlsx
from cli.output import language, out, stdout, table
from cli.plain import plain
from inventory.audits.baseline import Compared
from inventory.audits.service import Audited
from sensors.errors import Place

_MARK: Final = b"\xef\xbb\xbf"
"""Says that a file is UTF-8: without it Excel takes Chinese for something else."""
_COLOURS: Final = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan"}


@dataclass(frozen=True, slots=True)
class Printing:
    """What is printed: an audit, what it is compared with, and both in words."""

    audited: Audited
    compared: Compared | None
    report: Report
    fonts: Path | None


@contextmanager
def without_collecting() -> Iterator[None]:
    """Have Python look for no garbage meanwhile: the columns of registers are millions of values that all stay."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def write_report(form: str, printing: Printing, output: Path | None) -> None:
    """Print a report, or write it into a file, which is there whole or not at all.

    Raises:
        ReportUnwritable: the file cannot be written.
        NoChineseFont: there is no font to set it with.
    """
    if form == "table" and output is None:
        _print(printing.report)
    elif output is None:
        for part in _PARTS[form](printing):
            stdout.write_bytes(part)
    else:
        _write(form, printing, output)


def _write(form: str, printing: Printing, output: Path) -> None:
    beside = output.with_name(f".{output.name}.{os.getpid()}")
    try:
        if form == "xlsx":
            write_xlsx(beside, printing.audited, printing.compared, language)
        else:
            with beside.open("wb") as opened:
                opened.write(_MARK if form == "csv" else b"")
                opened.writelines(_PARTS[form](printing))
        beside.replace(output)
    except OSError as error:
        raise ReportUnwritable(place=Place(str(output)), reason=error.strerror or str(error)) from error
    finally:
        beside.unlink(missing_ok=True)


def _json(printing: Printing) -> Iterator[bytes]:
    for one in documents(printing.audited, printing.compared, language):
        yield orjson.dumps(one, option=orjson.OPT_APPEND_NEWLINE)


def _csv(printing: Printing) -> Iterator[bytes]:
    for line in as_csv(printing.audited, printing.compared, language):
        yield line.encode()


def _html(printing: Printing) -> Iterator[bytes]:
    yield as_html(printing.report).encode()


def _pdf(printing: Printing) -> Iterator[bytes]:
    # Loaded here alone: typst is larger than all the rest together.
    from api.audits.paper import as_pdf  # noqa: PLC0415

    yield as_pdf(printing.report, printing.fonts)


def _plain(printing: Printing) -> Iterator[bytes]:
    with out.capture() as captured:
        _print(printing.report)
    yield captured.get().encode()


_PARTS: Final[Mapping[str, Callable[[Printing], Iterable[bytes]]]] = {
    "table": _plain, "json": _json, "csv": _csv, "html": _html, "pdf": _pdf,
}  # fmt: skip


def _print(report: Report) -> None:
    _say(f"[bold]{escape(plain(report.title))}[/bold] · {escape(plain(report.of))}")
    for chapter in report.chapters:
        if not (chapter.figures or chapter.sections):
            continue
        _say(f"\n[bold underline]{escape(chapter.name)}[/bold underline]")
        for figure in chapter.figures:
            _say(escape(plain(figure)))
        for section in chapter.sections:
            _section(report, section)
    if report.gone:
        _say(f"\n[bold]{escape(report.words['gone'])}[/bold]")
        table(
            [report.words[name] for name in ("key", "name", "unit", "text", "id")],
            [(line.key, line.name, line.unit, line.text, line.id) for line in report.gone],
            fold=(0, 1, 3),
        )
    _say(f"\n{escape(report.total)}")
    for more in filter(None, (report.compared, report.later)):
        _say(escape(plain(more)))


def _section(report: Report, section: Section) -> None:
    words = report.words
    colour = _COLOURS[section.severity]
    _say(
        f"\n[{colour}]{escape(section.severity_text)}[/{colour}] [bold]{escape(section.title)}[/bold]"
        f" · {section.findings:,} · {escape(section.id)}"
    )
    _say(f"  {escape(words['rule'])}: {escape(section.basis)}")
    _say(f"  {escape(words['remedy'])}: {escape(section.remedy)}")
    names = [*(["change"] if report.compared else []), "key", "name", "unit", "district", "text", "id"]
    rows = [[getattr(line, name) for name in names] for line in section.lines]
    table([words[name] for name in names], rows, fold=[names.index(name) for name in ("key", "name", "unit", "text")])
    if section.more:
        _say(f"  {escape(more_text(section, report.language))}")


def _say(text: str) -> None:
    out.print(text)

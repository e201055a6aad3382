"""A report as PDF, set by typst: the template is a file beside this module, the report goes in as JSON.

Typst has no Chinese glyphs of its own, so a font of the machine or of a named folder is needed. Where there is none the
report is refused: a page of empty boxes would look like a report.
"""

import re
from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import orjson
import typst
import yaml

from api.audits.errors import NoChineseFont
from api.audits.report import Report, more_text

_CHINESE: Final = re.compile(r"[　-〿㐀-鿿豈-﫿＀-￯]")
_LATIN: Final = ("Liberation Sans", "DejaVu Sans", "New Computer Modern")
"""For what the Chinese font has not; the last of these comes with typst."""


def as_pdf(report: Report, folder: Path | None = None) -> bytes:
    """The pages; `folder` holds fonts beside those that are installed.

    Raises:
        NoChineseFont: the report has Chinese in it and no font for it is there.
    """
    return bytes(_compiled(report, folder, "pdf"))


def as_images(report: Report, folder: Path | None = None, *, resolution: float = 96) -> list[bytes]:
    """The pages as PNG, to be looked at."""
    made = _compiled(report, folder, "png", resolution)
    return [bytes(one) for one in (made if isinstance(made, list) else [made])]


def chinese_font(families: Sequence[str]) -> str | None:
    """The best of these families that has Chinese glyphs; None where none has."""
    there = frozenset(families)
    return next((name for name in _known_families() if name in there), None)


def _compiled(report: Report, folder: Path | None, format_: Any, resolution: float = 144) -> Any:
    paths = [] if folder is None else [str(folder)]
    families = typst.Fonts(include_system_fonts=True, font_paths=paths).families()
    said = _said(report)
    chinese = chinese_font(families)
    if chinese is None and _CHINESE.search(said):
        raise NoChineseFont
    latin = [name for name in _LATIN if name in families]
    # The quotation marks of both languages are the same characters: the font of the language is asked first.
    fonts = [chinese, *latin] if report.language == "zh" else [*latin, chinese]
    template: Any = (files(__package__) / "paper.typ").read_bytes()
    inputs = {"report": said, "fonts": orjson.dumps([name for name in fonts if name]).decode()}
    return typst.compile(template, format=format_, font_paths=paths, sys_inputs=inputs, ppi=resolution)


def _said(report: Report) -> str:
    """The report as the template takes it."""
    made = asdict(report)
    for chapter, told in zip(report.chapters, made["chapters"], strict=True):
        for section, one in zip(chapter.sections, told["sections"], strict=True):
            one["more"] = more_text(section, report.language)
    return orjson.dumps(made).decode()


@cache
def _known_families() -> Sequence[str]:
    return tuple(yaml.safe_load((files(__package__) / "fonts.yml").read_text(encoding="utf-8")))

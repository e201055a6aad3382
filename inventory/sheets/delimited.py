"""CSV files as spreadsheets of Chinese offices write them: RFC 4180, with commas, semicolons or tabs between cells.

The encoding is UTF-8, UTF-16 or GB18030 (GB 18030-2022; GBK is its part with two bytes to a character). Rows are
counted as a spreadsheet counts them: a line's end within quotation marks begins no row.
"""

import csv
import re
from codecs import BOM_UTF8, getincrementaldecoder
from collections import deque
from collections.abc import Generator, Iterator
from io import TextIOBase, TextIOWrapper
from pathlib import Path
from typing import Final, NamedTuple

from inventory.sheets.errors import CellTooLong, RowUnreadable, SheetTooLarge, SheetUnreadable
from inventory.sheets.headings import Vocabulary
from inventory.sheets.model import Fault, Limits, Record
from inventory.sheets.texts import LOST, trimmed
from sensors.errors import Place

SEPARATORS: Final = (",", ";", "\t")
_CHUNK: Final = 1 << 20
_LONGEST_LINE: Final = 1 << 20
_MOST_LINES: Final = 500
"""Lines of one row; more means that a quotation mark was never closed."""
_HEAD: Final = 1 << 16
_NEAR_WORD: Final = re.compile("[\x80-\u07ff]{2}")


def encoding_of(path: Path) -> str:
    """The encoding of a file: UTF-8 unless more than a third of what is not ASCII would be lost in it.

    Raises:
        SheetUnreadable: the file holds bytes that are no text.
    """
    with path.open("rb") as opened:
        head = opened.read(_HEAD)
        if head.startswith((b"\xff\xfe", b"\xfe\xff")):
            return "utf-16"
        if head.count(0) * 3 > len(head):
            return "utf-16-be" if head[::2].count(0) > head[1::2].count(0) else "utf-16-le"
        if 0 in head:
            raise SheetUnreadable(place=Place(str(path)), reason="sheet-no-table")
    if head.startswith(BOM_UTF8):
        return "utf-8-sig"
    seen = _seen(path, "utf-8")
    if not seen.lost and seen.near_words and not seen.far:
        # 系统 in GB 2312 is well-formed UTF-8 of two letters that no language puts together.
        return "utf-8" if _seen(path, "gb2312").lost else "gb18030"
    # Single rows of another encoding are told as such; GB18030 makes something of almost any octets.
    return "utf-8" if seen.lost * 3 <= seen.beyond or _seen(path, "gb18030").lost > seen.lost else "gb18030"


class _Seen(NamedTuple):
    """What an encoding makes of a file: characters lost, those beyond ASCII, whether any is beyond U+07FF, words below.

    UTF-8 has two octets for characters up to U+07FF, as GB 2312 has for each.
    """

    lost: int
    beyond: int
    far: bool
    near_words: bool


def _seen(path: Path, encoding: str) -> _Seen:
    decoder = getincrementaldecoder(encoding)(errors="replace")
    lost, beyond, far, near_words = 0, 0, False, False
    with path.open("rb") as opened:
        while chunk := opened.read(_CHUNK):
            text = decoder.decode(chunk)
            if not text.isascii():
                lost += text.count(LOST)
                beyond += len(text) - len(text.encode("ascii", "ignore"))
                far = far or max(text) > "\u07ff"
                near_words = near_words or _NEAR_WORD.search(text) is not None
    return _Seen(lost, beyond, far, near_words)


def separator_of(head: str, vocabulary: Vocabulary) -> str:
    """The separator by which a line near the top falls into the most known headings, else the most frequent."""
    lines = head.splitlines()[:50]

    def fit(separator: str) -> tuple[int, int]:
        known = [sum(vocabulary.key(cell.strip('"')) is not None for cell in line.split(separator)) for line in lines]
        return max(known, default=0), head.count(separator)

    return max(SEPARATORS, key=fit)


def read_delimited(path: Path, vocabulary: Vocabulary, limits: Limits) -> Generator[Record, None, None]:
    """The rows of a CSV file with those that cannot be read as faults; blank ones are left out.

    Raises:
        SheetUnreadable: the file cannot be read, is no text, or too many of its rows are unreadable.
    """
    try:
        with path.open(encoding=encoding_of(path), errors="replace", newline="") as opened:
            head = opened.read(_HEAD)
            separator, skipped = separator_of(head, vocabulary), 0
            if head[:4].lower() == "sep=" and head[4:5] in SEPARATORS:
                # Excel's own first line that says what separates; it shows no row for it.
                separator, skipped = head[4], 1
            opened.seek(0)
            yield from _records(opened, separator, skipped, str(path), limits)
    except OSError as error:
        raise SheetUnreadable(place=Place(str(path)), reason=error.strerror or str(error)) from error


class _Lines:
    """Lines of a file, of which those of the row that is being read can be given back."""

    def __init__(self, opened: TextIOBase) -> None:
        self._opened = opened
        self._again: deque[str] = deque()
        self._taken: list[str] = []
        self.last = ""

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._opened.readline(_LONGEST_LINE)
        if not line:
            raise StopIteration
        if len(self._taken) > _MOST_LINES or len(line) >= _LONGEST_LINE:
            self._taken.append(line)
            raise csv.Error("a row of too many lines, or a line that is too long")
        self._taken.append(line)
        self.last = line
        return line

    def row_begins(self) -> None:
        """What was taken until now was read."""
        self._taken.clear()

    def row_fails(self) -> str:
        """All but the first line are read again; what was first of it."""
        first = self._taken[0] if self._taken else ""
        self._again.extendleft(reversed(self._taken[1:]))
        self._taken.clear()
        line = first
        while len(line) >= _LONGEST_LINE and not line.endswith("\n"):
            line = self._opened.readline(_LONGEST_LINE)
        return first


def _records(opened: TextIOWrapper, separator: str, skipped: int, file: str, limits: Limits) -> Iterator[Record]:
    lines = _Lines(opened)
    for _ in range(skipped):
        next(lines, None)
    reader = csv.reader(lines, delimiter=separator, strict=True)
    number, broken, width = 0, 0, 0
    while True:
        lines.row_begins()
        number += 1
        if number > limits.rows:
            raise SheetTooLarge(place=Place(file, number), reason="sheet-rows", most=limits.rows)
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            broken += 1
            if broken > limits.broken:
                raise SheetUnreadable(place=Place(file, number), reason="sheet-rows-broken") from None
            yield _broken(lines.row_fails(), separator, number, limits)
            continue
        # One cell more than there can be headings is enough to tell that there are too many.
        texts = [trimmed(cell) for cell in cells[: limits.columns + 1]]
        if not any(texts):
            continue
        faults: tuple[Fault, ...] = ()
        if len(texts) < width and not lines.last.endswith(("\n", "\r")):
            # Spreadsheets leave out empty cells at the end of a row, but they end each line.
            faults = (Fault(len(texts) - 1, RowUnreadable, {"reason": "sheet-row-cut"}),)
            texts[-1] += LOST
        width = max(width, len(texts))
        yield Record(number, _with_line_feeds(texts), faults)


def _with_line_feeds(texts: list[str]) -> list[str]:
    return [text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text for text in texts]


def _broken(line: str, separator: str, number: int, limits: Limits) -> Record:
    """A row that is kept as far as it can be, to be returned: with its quotation marks and the mark of what is lost."""
    texts = [trimmed(cell)[: limits.cell] for cell in line[:_HEAD].split(separator)[: limits.columns]]
    texts[0] = LOST + texts[0]
    if len(line) >= _HEAD:
        return Record(number, texts, (Fault(0, CellTooLong, {"most": limits.cell}),))
    return Record(number, texts, (Fault(0, RowUnreadable, {"reason": "sheet-row-quotes"}),))

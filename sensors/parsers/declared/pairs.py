"""Key and value pairs, taken apart by a scanner; what it learns of a layout takes later lines apart in one step.

Lines of one kind have the same keys in the same order. Once a layout has been seen a few times, its keys become one
expression that is fixed but for the values, and which gives all of them at once. It takes only lines for which the
scanner would say the same; every other line is left to the scanner, which alone decides what a line means.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

MAX_PAIRS: Final = 512
"""A line with more is no line of pairs."""
WORDS: Final = "words"
"""The name under which words without a value are found, as a list."""
LEARNED_AFTER: Final = 4
MAX_LAYOUTS: Final = 128
PER_COUNT: Final = 8

_KEY = re.compile(r"[A-Za-z_][\w./-]{0,127}")
_NEXT = re.compile(r"\x20([A-Za-z_][\w.\[\]-]{0,127})=")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_LETTERS = {"n": "\n", "r": "\r", "t": "\t"}


@dataclass(frozen=True, slots=True)
class Dialect:
    """How pairs are written.

    Attributes:
        separator: what stands between two pairs.
        assign: what stands between key and value.
        quotes: the character that values with blanks stand between; none where it is empty.
        escapes: whether a backslash takes its meaning from the character after it.
        loose: whether a value goes on, blanks and all, until the next key, as in CEF.
    """

    separator: str = " "
    assign: str = "="
    quotes: str = '"'
    escapes: bool = True
    loose: bool = False

    def __post_init__(self) -> None:
        if not self.separator or not self.assign or len(self.quotes) > 1:
            raise ValueError("separator and assign are one or more characters, quotes is one or none")


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a line holds: keys and values in order, and for each value where it stands and whether it is as it stands.

    `words` are what stands between without a value.
    """

    keys: tuple[str, ...]
    values: tuple[str, ...]
    spans: tuple[tuple[int, int, bool], ...]
    words: tuple[str, ...]
    plain: bool


def unescaped(text: str) -> str:
    r"""A value without its backslashes; `\n`, `\r` and `\t` are what they say."""
    return _ESCAPE.sub(_said, text)


def _said(found: re.Match[str]) -> str:
    letter: str = found.group(1)
    return _LETTERS.get(letter, letter)


def scan(text: str, dialect: Dialect) -> Scanned | None:
    """The pairs of a line; None where there are none, or too many."""
    return _scan_loose(text) if dialect.loose else _scan_strict(text, dialect)


def _scan_strict(text: str, dialect: Dialect) -> Scanned | None:
    keys: list[str] = []
    values: list[str] = []
    spans: list[tuple[int, int, bool]] = []
    words: list[str] = []
    separator, assign, quote = dialect.separator, dialect.assign, dialect.quotes
    taken: set[str] = set()
    at, end, plain = 0, len(text), True
    while at < end:
        equals = text.find(assign, at)
        if equals < 0:
            words += text[at:].split(separator)
            break
        *before, key = text[at:equals].split(separator)
        words += before
        key = key.strip()
        start = equals + len(assign)
        if not _KEY.fullmatch(key):
            # No key: what stands here is a word that happens to hold the sign.
            stop = text.find(separator, start)
            stop = end if stop < 0 else stop
            words.append(key + text[equals:stop])
            at = stop + len(separator)
            continue
        if quote and text[start : start + 1] == quote:
            stop = _closing(text, start + 1, quote, escapes=dialect.escapes)
            value = text[start + 1 : stop]
            as_it_stands = not (dialect.escapes and "\\" in value)
            spans.append((start + 1, stop, True))
            values.append(value if as_it_stands else unescaped(value))
            plain = plain and as_it_stands and stop < end
            at = stop + 1
            if text.startswith(separator, at):
                at += len(separator)
        else:
            stop = text.find(separator, start)
            stop = end if stop < 0 else stop
            spans.append((start, stop, False))
            values.append(text[start:stop])
            at = stop + len(separator)
        while key in taken:
            # A key that comes again hides no earlier value.
            key += "_"
        taken.add(key)
        keys.append(key)
        if len(keys) > MAX_PAIRS:
            return None
    return _scanned(keys, values, spans, [word for word in map(str.strip, words) if word], plain=plain)


def _closing(text: str, at: int, quote: str, *, escapes: bool) -> int:
    """Where a quoted value ends: its closing quote, or the end of the line where there is none."""
    while (stop := text.find(quote, at)) >= 0:
        backslashes = stop
        while escapes and backslashes > at and text[backslashes - 1] == "\\":
            backslashes -= 1
        if (stop - backslashes) % 2 == 0:
            return stop
        at = stop + 1
    return len(text)


def _scan_loose(text: str) -> Scanned | None:
    marks: list[tuple[str, int, int]] = []
    for found in _NEXT.finditer(f" {text}"):
        # The blank put in front moves everything by one: a match's start is the place of its key.
        marks.append((found[1], found.start(), found.end() - 1))
        if len(marks) > MAX_PAIRS:
            return None
    keys: list[str] = []
    values: list[str] = []
    spans: list[tuple[int, int, bool]] = []
    taken: set[str] = set()
    plain = True
    for index, (name, _, start) in enumerate(marks):
        stop = marks[index + 1][1] - 1 if index + 1 < len(marks) else len(text)
        stop = max(start, stop)
        value = text[start:stop]
        key = name
        while key in taken:
            key += "_"
        taken.add(key)
        keys.append(key)
        spans.append((start, stop, False))
        if "\\" in value or "=" in value:
            plain = False
            value = unescaped(value)
        values.append(value)
    words = text[: marks[0][1]].split() if marks else text.split()
    return _scanned(keys, values, spans, words, plain=plain)


def _scanned(
    keys: list[str], values: list[str], spans: list[tuple[int, int, bool]], words: list[str], *, plain: bool
) -> Scanned | None:
    if not keys or (WORDS in keys and words):
        return None
    return Scanned(tuple(keys), tuple(values), tuple(spans), tuple(words), plain)


@dataclass(slots=True)
class Rows:
    """Lines of one layout: their indices, keys, values line by line, and the words that all of them have."""

    keys: tuple[str, ...]
    words: tuple[str, ...]
    rows: list[int] = field(default_factory=list)
    values: list[Sequence[str]] = field(default_factory=list)

    def columns(self) -> tuple[tuple[str, ...], list[Sequence[Any]]]:
        """Names and columns, the words as a list under the name `WORDS`."""
        columns: list[Sequence[Any]] = list(zip(*self.values, strict=True))
        if not self.words:
            return self.keys, columns
        return (*self.keys, WORDS), [*columns, [list(self.words)] * len(self.rows)]


@dataclass(frozen=True, slots=True)
class _Learned:
    layout: tuple[tuple[str, ...], tuple[str, ...]]
    match: Callable[[str], re.Match[str] | None]


class Pairs:
    """Takes lines of pairs apart; it remembers layouts, a bounded number, and nothing of what was in them."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._learned: dict[int, list[_Learned]] = {}
        self._seen: dict[tuple[Any, ...], int] = {}

    def take(self, texts: Sequence[str], rows: Sequence[int]) -> tuple[list[Rows], list[int]]:
        """The lines by layout, and those that hold no pairs; `rows` are the indices of `texts`."""
        groups: dict[tuple[Any, ...], Rows] = {}
        left: list[int] = []
        assign = self._dialect.assign
        learned = self._learned
        for row, text in zip(rows, texts, strict=True):
            # The number of signs tells layouts apart before anything is compared.
            count = text.count(assign)
            for known in learned.get(count, ()):
                found = known.match(text)
                if found is not None:
                    layout, values = known.layout, found.groups()
                    break
            else:
                scanned = scan(text, self._dialect)
                if scanned is None:
                    left.append(row)
                    continue
                layout, values = (scanned.keys, scanned.words), scanned.values
                if scanned.plain:
                    self._learn(count, text, scanned)
            group = groups.get(layout)
            if group is None:
                group = groups[layout] = Rows(*layout)
            group.rows.append(row)
            group.values.append(values)
        return list(groups.values()), left

    def _learn(self, count: int, text: str, scanned: Scanned) -> None:
        """Note the layout of a line; the fourth time it becomes an expression."""
        fixed = _between(text, scanned)
        seen = self._seen.get(fixed, 0) + 1
        if len(self._seen) >= 4 * MAX_LAYOUTS:
            # Senders who never say the same twice are not remembered at all.
            self._seen.clear()
        self._seen[fixed] = seen
        if seen != LEARNED_AFTER:
            return
        if sum(map(len, self._learned.values())) >= MAX_LAYOUTS:
            self._learned.clear()
        match = re.compile(_expression(fixed, scanned, self._dialect), re.DOTALL).fullmatch
        known = _Learned((scanned.keys, scanned.words), match)
        self._learned[count] = [known, *self._learned.get(count, ())][:PER_COUNT]


def _between(text: str, scanned: Scanned) -> tuple[Any, ...]:
    """What is fixed in a layout: the text before each value and after the last, and which of them stand in quotes."""
    pieces = []
    at = 0
    for start, stop, _ in scanned.spans:
        pieces.append(text[at:start])
        at = stop
    return (*pieces, text[at:], tuple(quoted for _, _, quoted in scanned.spans))


def _expression(fixed: tuple[Any, ...], scanned: Scanned, dialect: Dialect) -> str:
    """The expression of a layout; its values exclude whatever would make the scanner end them elsewhere."""
    texts = fixed[:-1]
    found = re.escape(texts[0])
    quote = re.escape(dialect.quotes)
    escape = r"\\" if dialect.escapes else ""
    first = re.escape(dialect.separator[0])
    for (_, _, in_quotes), after in zip(scanned.spans, texts[1:], strict=True):
        if dialect.loose:
            found += rf"(?>([^=\\]*){re.escape(after)})" if after else r"([^=\\]*+)"
        elif in_quotes:
            found += rf"([^{quote}{escape}]*+){re.escape(after)}"
        else:
            found += rf"((?:[^{first}{quote}][^{first}]*+)?+){re.escape(after)}"
    return found

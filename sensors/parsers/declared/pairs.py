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

_KEY = re.compile(r"[^\W\d][\w./()\[\]-]{0,127}")
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
        head: the name of what stands before the first key; empty: its words are words as all others.
        end: what closes a message and belongs to no value.
        tag: what ends a pair in front that other pairs or a sentence follow without a separator.
        brackets: the two characters between which the pairs stand behind a sentence; empty: they stand in none.
    """

    separator: str = " "
    assign: str = "="
    quotes: str = '"'
    escapes: bool = True
    loose: bool = False
    head: str = ""
    end: str = ""
    tag: str = ""
    brackets: str = ""

    def __post_init__(self) -> None:
        if not self.separator or not self.assign or len(self.quotes) > 1:
            raise ValueError("separator and assign are one or more characters, quotes is one or none")
        if len(self.brackets) not in {0, 2}:
            raise ValueError("brackets are two characters or none")


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a line holds: keys and values in order, and for each value where it stands and whether in quotes.

    `words` are what stands between without a value. `plain` says that other lines can be expected to look like it.
    """

    keys: tuple[str, ...]
    values: tuple[str, ...]
    spans: tuple[tuple[int, int, bool], ...]
    words: tuple[str, ...]
    plain: bool


def bare(text: str, dialect: Dialect) -> str:
    """A line without what closes it, and with the separator where a tag or a sentence ends in front of its pairs."""
    text = text.removesuffix(dialect.end)
    begin = 0
    if dialect.tag:
        first = text.find(dialect.tag)
        if first > 0 and text.find(dialect.assign, 0, first) > 0 and dialect.separator not in text[:first]:
            text = text[:first] + dialect.separator + text[first + len(dialect.tag) :]
            begin = first + len(dialect.separator)
    if dialect.brackets and text.endswith(dialect.brackets[1]):
        opening = text.find(f" {dialect.brackets[0]}", begin)
        # A bracket behind the first sign belongs to a value, and so does the last one then.
        if 0 <= opening < text.find(dialect.assign, begin):
            text = text[:opening] + dialect.separator + text[opening + 2 : -1]
    return text


def unescaped(text: str) -> str:
    r"""A value without its backslashes; `\n`, `\r` and `\t` are what they say."""
    return _ESCAPE.sub(_said, text)


def _said(found: re.Match[str]) -> str:
    letter: str = found.group(1)
    return _LETTERS.get(letter, letter)


def scan(text: str, dialect: Dialect) -> Scanned | None:
    """The pairs of a line, without what closes it; None where there are none, or too many."""
    return _scan_loose(text) if dialect.loose else _scan_strict(text, dialect)


def _scan_strict(text: str, dialect: Dialect) -> Scanned | None:
    keys: list[str] = []
    values: list[str] = []
    spans: list[tuple[int, int, bool]] = []
    words: list[str] = []
    separator, assign, quote = dialect.separator, dialect.assign, dialect.quotes
    taken: set[str] = set()
    at, end, plain = 0, len(text), True
    if dialect.head:
        at = _head(text, dialect)
        if at < 0:
            return None
        keys, values, spans, taken = [dialect.head], [text[:at]], [(0, at, False)], {dialect.head}
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
            spans.append((start + 1, stop, True))
            values.append(unescaped(value) if dialect.escapes and "\\" in value else value)
            plain = plain and stop < end
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


def _head(text: str, dialect: Dialect) -> int:
    """Where the first key begins: behind the last separator before the first sign; -1 where there is none."""
    sign = text.find(dialect.assign)
    before = text.rfind(dialect.separator, 0, max(0, sign))
    if sign < 0:
        return -1
    return 0 if before < 0 else before + len(dialect.separator)


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
        plain = plain and value.count("=") == value.count("\\=")
        values.append(unescaped(value) if "\\" in value else value)
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
    escaped: tuple[bool, ...]
    """Which values may hold escapes; none where the dialect has none."""

    def values(self, found: re.Match[str], text: str) -> tuple[str, ...]:
        """The values of a line that matches."""
        values: tuple[str, ...] = found.groups()
        if not self.escaped or "\\" not in text:
            return values
        return tuple(
            unescaped(value) if escaped and "\\" in value else value
            for value, escaped in zip(values, self.escaped, strict=True)
        )


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
        for row, whole in zip(rows, texts, strict=True):
            text = bare(whole, self._dialect)
            # The number of signs tells layouts apart before anything is compared.
            count = text.count(assign)
            for known in learned.get(count, ()):
                found = known.match(text)
                if found is not None:
                    layout, values = known.layout, known.values(found, text)
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
        fixed = (count, *_between(text, scanned))
        seen = self._seen.get(fixed, 0) + 1
        if len(self._seen) >= 4 * MAX_LAYOUTS:
            # Senders who never say the same twice are not remembered at all.
            self._seen.clear()
        self._seen[fixed] = seen
        if seen != LEARNED_AFTER:
            return
        if sum(map(len, self._learned.values())) >= MAX_LAYOUTS:
            self._learned.clear()
        match = re.compile(_expression(fixed[1:], scanned, self._dialect), re.DOTALL).fullmatch
        escaped = tuple(self._dialect.loose or quoted for _, _, quoted in scanned.spans)
        known = _Learned((scanned.keys, scanned.words), match, escaped if self._dialect.escapes else ())
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
    found: str = re.escape(texts[0])
    spans = list(zip(scanned.spans, texts[1:], strict=True))
    if dialect.head:
        sign, separator = re.escape(dialect.assign[0]), re.escape(dialect.separator)
        found += rf"(?>((?:[^{sign}]*{separator})?){re.escape(spans.pop(0)[1])})"
    quote = re.escape(dialect.quotes)
    inside = rf"(?:[^{quote}\\]|\\.)*+" if dialect.escapes else f"[^{quote}]*+"
    first = re.escape(dialect.separator[0])
    for (_, _, in_quotes), after in spans:
        if dialect.loose:
            value = r"(?:[^=\\]*+\\.)*+[^=\\]*"
            found += rf"(?>({value}){re.escape(after)})" if after else rf"({value}+)"
        elif in_quotes:
            found += rf"({inside}){re.escape(after)}"
        else:
            found += rf"((?:[^{first}{quote}][^{first}]*+)?+){re.escape(after)}"
    return found

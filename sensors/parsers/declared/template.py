"""Templates: how a message is made, compiled to an expression whose time is linear in the message's length.

    Failed {method:word} for [invalid user ]{user:last} from {address:ip} port {port:int}[ ssh2]

Text stands for itself; `{name}` is a part that becomes a field; `[…]` may be missing; doubled brackets and braces stand
for single ones. What a part may be is its kind: up to the next text by default, or one of `KINDS`, or words with `|`
between them, or a number. Every part commits to what it took (an atomic group), so that no input makes the expression
search; only `last` looks back, once, and what follows it must have an end of its own.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from sensors.parsers.blocks import Expression
from sensors.parsers.declared.errors import TemplateFaulty

KINDS: Final[Mapping[str, str]] = {
    "word": "",
    "int": r"[+-]?[0-9]{1,20}+",
    "number": r"[+-]?[0-9]{1,20}+(?:\.[0-9]{1,20}+)?+",
    "ip": r"[0-9A-Fa-f:.]{2,45}(?:%[\w.-]{1,32})?",
    "hex": r"[0-9A-Fa-f]++",
    "blanks": r"[\x20\t]*+",
    "last": "",
    "rest": "",
}
"""A run without blanks; a whole or any number; an address; hexadecimal digits; blanks, perhaps none; up to the last
place where the rest of the template fits, for parts that senders choose themselves; everything that is left."""

MAX_PARTS = 100
_BLANKLESS: Final = frozenset({"int", "number", "ip", "hex"})
_NAME = re.compile(r"[A-Za-z_][\w.-]{0,63}")


@dataclass(frozen=True, slots=True)
class Part:
    """A placeholder: its name, empty where it is passed over, and its kind, empty for up to the next text."""

    name: str
    kind: str


Piece: TypeAlias = "str | Part | tuple[Piece, ...]"
"""Text, a placeholder, or what may be missing."""


@dataclass(frozen=True, slots=True)
class Template:
    """A compiled template: `names` are those of the groups of `expression`, in order.

    `begins` says whether a text may be meant whose first word (up to a blank) this is.
    """

    names: tuple[str, ...]
    begins: Callable[[str], bool]
    expression: Expression


def compiled(text: str) -> Template:
    """The template as an expression.

    Raises:
        TemplateFaulty: it is not written as a template, or a part has no end.
    """
    pieces = _Reading(text).pieces()
    names: list[str] = []
    pattern = _expression(text, pieces, (), names)
    _check_last(text, pieces)
    if len(names) != len(set(names)):
        raise TemplateFaulty(template=text, reason="a name stands twice", at=1)
    return Template(tuple(names), _begins(text, pieces), Expression(pattern))


def _begins(text: str, pieces: Sequence[Piece]) -> Callable[[str], bool]:
    """How the first word of a text must look: the pieces before the first blank, as far as they have no blank."""
    opening: list[Piece] = []
    whole = False
    for piece in pieces:
        if isinstance(piece, str):
            word, blank, _ = piece.partition(" ")
            opening.append(word)
            whole = bool(blank)
            if blank:
                break
        elif isinstance(piece, tuple) or not _blankless(piece.kind):
            break
        else:
            opening.append(piece)
    expression = re.compile(_expression(text, [piece for piece in opening if piece], (" ",), []), re.DOTALL)
    if whole:
        return lambda word: expression.fullmatch(word) is not None
    # Where the template goes on with what may be anything, only the beginning of the word is known.
    return lambda word: expression.match(word) is not None


def _blankless(kind: str) -> bool:
    """Whether a part of this kind can hold no blank."""
    return kind in _BLANKLESS or kind.isdecimal() or ("|" in kind and " " not in kind)


class _Reading:
    """A template's text, read from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def pieces(self) -> tuple[Piece, ...]:
        found = self._sequence(inside=False)
        if sum(1 for character in self._text if character == "{") > 2 * MAX_PARTS:
            raise self._fault("too many parts")
        return found

    def _sequence(self, *, inside: bool) -> tuple[Piece, ...]:
        found: list[Piece] = []
        literal = ""
        text = self._text
        while self._at < len(text):
            character = text[self._at]
            if character in "{}[]" and text[self._at + 1 : self._at + 2] == character:
                literal += character
                self._at += 2
            elif character in "{[":
                if literal:
                    found.append(literal)
                    literal = ""
                self._at += 1
                found.append(self._part() if character == "{" else self._optional(inside=inside))
            elif character == "]" and inside:
                break
            elif character in "}]":
                raise self._fault(f"{character!r} closes nothing; write it twice where it is meant as text")
            else:
                literal += character
                self._at += 1
        if literal:
            found.append(literal)
        return tuple(found)

    def _optional(self, *, inside: bool) -> tuple[Piece, ...]:
        if inside:
            raise self._fault("what may be missing cannot hold what may be missing")
        found = self._sequence(inside=True)
        if self._text[self._at : self._at + 1] != "]":
            raise self._fault("']' is missing")
        self._at += 1
        return found

    def _part(self) -> Part:
        end = self._text.find("}", self._at)
        if end < 0:
            raise self._fault("'}' is missing")
        name, _, kind = self._text[self._at : end].partition(":")
        if name and not _NAME.fullmatch(name):
            raise self._fault(f"{name!r} is no name")
        if kind and kind not in KINDS and "|" not in kind and not kind.isdecimal():
            known = ", ".join(KINDS)
            raise self._fault(f"{kind!r} is no kind; known are: {known}, words with '|' between them, a number")
        self._at = end + 1
        return Part(name, kind)

    def _fault(self, reason: str) -> TemplateFaulty:
        return TemplateFaulty(template=self._text, reason=reason, at=self._at + 1)


def _expression(text: str, pieces: Sequence[Piece], after: Sequence[Piece], names: list[str]) -> str:
    """The expression of a sequence that `after` follows."""
    found = ""
    index = 0
    while index < len(pieces):
        piece = pieces[index]
        rest = (*pieces[index + 1 :], *after)
        if isinstance(piece, str):
            found += re.escape(piece)
        elif isinstance(piece, tuple):
            found += f"(?>(?:{_expression(text, piece, rest, names)})?)"
        else:
            opening = "("
            if piece.name:
                names.append(piece.name)
            else:
                opening = "(?:"
            follower = pieces[index + 1] if index + 1 < len(pieces) else None
            if piece.kind in ("", "last") and rest:
                if not isinstance(follower, str):
                    raise TemplateFaulty(
                        template=text, reason=f"{{{piece.name}}} needs a kind: no text says where it ends", at=1
                    )
                end = re.escape(follower)
                found += f"{opening}.*){end}" if piece.kind else f"(?>{opening}.*?){end})"
                index += 1
            else:
                found += f"{opening}{_class(piece.kind, rest)})"
        index += 1
    return found


def _check_last(text: str, pieces: Sequence[Piece]) -> None:
    """Refuse what would make the expression search: behind `last` parts without an end of their own, or in `[…]`."""
    seen = False
    for index, piece in enumerate(pieces):
        inner = piece if isinstance(piece, tuple) else (piece,)
        parts = [one for one in inner if isinstance(one, Part)]
        for part in parts:
            searching = part.kind == "last" or (part.kind == "" and index + 1 < len(pieces))
            if (seen and searching) or (part.kind == "last" and isinstance(piece, tuple)):
                raise TemplateFaulty(
                    template=text, reason=f"{{{part.name}}} needs a kind: 'last' stands before it, or around it", at=1
                )
            seen = seen or part.kind == "last"


def _class(kind: str, rest: Sequence[Piece]) -> str:
    """What a part with an end of its own may be."""
    if kind in ("", "last", "rest"):
        return ".*+"
    if "|" in kind or kind.isdecimal():
        # Longer words first, so that one which begins another does not hide it.
        return "(?>" + "|".join(map(re.escape, sorted(kind.split("|"), key=len, reverse=True))) + ")"
    if kind != "word":
        return KINDS[kind]
    stops = "".join(sorted({re.escape(stop) for stop in _beginnings(rest) if not stop.isspace()}))
    return rf"[^\s{stops}]++"


def _beginnings(rest: Sequence[Piece]) -> set[str]:
    """The characters that what follows may begin with, as far as text says so."""
    found: set[str] = set()
    for piece in rest:
        if isinstance(piece, str):
            return found | {piece[0]}
        if isinstance(piece, Part):
            return found
        found |= _beginnings(piece)
    return found

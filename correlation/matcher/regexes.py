"""A guard before each regular expression: Hyperscan says in linear time whether it may match, `re` whether it does.

So an event that cannot match does not make `re` try for minutes. Hyperscan gets another pattern than `re`: one built
from `re`'s own parse, over bytes, that matches wherever the original matches and often elsewhere. Anchors and
look-arounds are dropped, whatever depends on Unicode takes any byte of a multi-byte character. So differences between
the two languages cannot hide a match, only cost a check.
"""

import re
import warnings
from collections.abc import Callable, Sequence
from functools import lru_cache
from re import _constants as codes  # type: ignore[attr-defined]
from typing import Any

import hyperscan

from correlation.matcher.chains import chain
from correlation.matcher.literals import is_odd, parsed
from correlation.matcher.predicates import Predicate

_MOST_REPEATS = 32
"""Longer counted repetitions become unbounded: exact counts are expensive for Hyperscan, and `re` checks them."""
_ASCII = frozenset(map(chr, range(128)))
_HIGH = "\\x80-\\xff"


class Guards(dict[re.Pattern[str], Predicate]):
    """From an expression to a question that costs little where the answer is no; each is compiled once.

    Its questions belong to one thread.
    """

    def __missing__(self, pattern: re.Pattern[str]) -> Predicate:
        found = self[pattern] = _guarded(pattern)
        return found


def _guarded(pattern: re.Pattern[str]) -> Predicate:
    whole = chain(pattern)
    if whole is not None:
        return lambda text, _: whole(text)
    search, wide = pattern.search, superset(pattern)
    shortest = parsed(pattern).getwidth()[0]
    try:
        database = None if wide is None else _database([(0, wide)])
    except hyperscan.error:  # too large for it
        database = None
    if database is None:
        return lambda text, _: search(text) is not None
    scan = database.scan

    def question(text: str, _lower: str) -> bool:
        if len(text) < shortest:
            return False
        if not is_odd(text):
            hits: list[int] = []
            scan(text.encode("utf-8", "surrogatepass"), match_event_handler=_collect, context=hits)
            if not hits:
                return False
        return search(text) is not None

    return question


def _collect(identity: int, _start: int, _end: int, _flags: int, found: list[int]) -> None:
    found.append(identity)


_FLAGS = hyperscan.HS_FLAG_SINGLEMATCH | hyperscan.HS_FLAG_DOTALL


def _database(entries: Sequence[tuple[int, bytes]], flags: int = _FLAGS) -> Any:
    """A database of patterns under their identities; None where there are none."""
    if not entries:
        return None
    database = hyperscan.Database()
    database.compile(
        expressions=[pattern for _, pattern in entries],
        ids=[identity for identity, _ in entries],
        elements=len(entries),
        flags=[flags] * len(entries),
    )
    return database


def literal_database(literals: Sequence[str]) -> Any:
    """A database that finds any of these texts in UTF-8, ASCII letters in any case, each under its position."""
    return _database([
        (position, b"".join(b"\\x%02x" % byte for byte in literal.encode("utf-8")))
        for position, literal in enumerate(literals)
    ], _FLAGS | hyperscan.HS_FLAG_CASELESS)


def superset(pattern: re.Pattern[str]) -> bytes | None:
    """A pattern over UTF-8 bytes that matches wherever this one does; None where it would match everything."""
    tree = parsed(pattern)
    if tree.getwidth()[0] == 0:
        return None
    try:
        return _sequence(tree, pattern.flags).encode("ascii")
    except (KeyError, ValueError):
        return None


def _sequence(tree: Any, flags: int) -> str:
    return "".join(_node(code, value, flags) for code, value in tree)


def _node(code: Any, value: Any, flags: int) -> str:
    return _one(_SINGLE[code](value, flags)) if code in _SINGLE else _COMPOUND[code](value, flags)


def _nothing(_value: Any, _flags: int) -> str:
    return ""


def _anything(_value: Any, _flags: int) -> str:
    return ".*"


def _subpattern(value: Any, flags: int) -> str:
    _, added, removed, tree = value
    return f"(?:{_sequence(tree, (flags | added) & ~removed)})"


def _atomic(tree: Any, flags: int) -> str:
    return f"(?:{_sequence(tree, flags)})"


def _branch(value: Any, flags: int) -> str:
    return "(?:" + "|".join(_sequence(tree, flags) for tree in value[1]) + ")"


def _conditional(value: Any, flags: int) -> str:
    _, yes, no = value
    return f"(?:{_sequence(yes, flags)}|{_sequence(no, flags) if no else ''})"


def _repeat(value: Any, flags: int) -> str:
    least, most, tree = value
    least = min(least, _MOST_REPEATS)
    if len(tree) == 1 and tree[0][0] in _SINGLE:
        # A character of several bytes may stand for each repetition: 1 to 4 bytes.
        inner = _class(_SINGLE[tree[0][0]](tree[0][1], flags))
        upper = "" if most is codes.MAXREPEAT or 4 * most > _MOST_REPEATS else 4 * most
        return f"{inner}{{{least},{upper}}}"
    upper = "" if most is codes.MAXREPEAT or most > _MOST_REPEATS else most
    return f"(?:{_sequence(tree, flags)}){{{least},{upper}}}"


def _one(found: tuple[frozenset[str], bool]) -> str:
    """One character: an ASCII one of the set, or if others may match, the bytes of one."""
    ascii_part, others = found
    if not others:
        return _class(found)
    inner = f"[{_HIGH}]{{1,4}}"
    return f"(?:{_class((ascii_part, False))}|{inner})" if ascii_part else inner


def _class(found: tuple[frozenset[str], bool]) -> str:
    ascii_part, others = found
    codes_in = "".join(f"\\x{ord(character):02x}" for character in sorted(ascii_part))
    if not codes_in and not others:
        raise ValueError("a class that matches nothing")
    if len(ascii_part) == 1 and not others:
        return codes_in
    return f"[{codes_in}{_HIGH if others else ''}]"


@lru_cache(maxsize=1_024)
def _matching(pattern: str, flags: int) -> frozenset[str]:
    """The ASCII characters that a pattern for one character matches, asked of `re` itself."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        matches = re.compile(pattern, flags & (re.IGNORECASE | re.ASCII)).fullmatch
    return frozenset(character for character in _ASCII if matches(character))


def _literal(value: int, flags: int) -> tuple[frozenset[str], bool]:
    return _matching(re.escape(chr(value)), flags), value >= 128


def _not_literal(value: int, flags: int) -> tuple[frozenset[str], bool]:
    return _ASCII - _matching(re.escape(chr(value)), flags), True


def _any(_value: Any, flags: int) -> tuple[frozenset[str], bool]:
    return _ASCII if flags & re.DOTALL else _ASCII - {"\n"}, True


_CATEGORIES = {
    codes.CATEGORY_DIGIT: r"\d", codes.CATEGORY_NOT_DIGIT: r"\D", codes.CATEGORY_SPACE: r"\s",
    codes.CATEGORY_NOT_SPACE: r"\S", codes.CATEGORY_WORD: r"\w", codes.CATEGORY_NOT_WORD: r"\W",
}


def _in(items: Any, flags: int) -> tuple[frozenset[str], bool]:
    negated, others = False, False
    found: frozenset[str] = frozenset()
    for code, value in items:
        if code is codes.NEGATE:
            negated = True
        elif code is codes.LITERAL:
            found |= _matching(re.escape(chr(value)), flags)
            others |= value >= 128
        elif code is codes.RANGE:
            low, high = value
            found |= _matching(f"[{re.escape(chr(low))}-{re.escape(chr(high))}]", flags)
            others |= high >= 128
        else:
            found |= _matching(_CATEGORIES[value], flags)
            others = True
    return (_ASCII - found, True) if negated else (found, others)


_COMPOUND: dict[Any, Callable[[Any, int], str]] = {
    codes.AT: _nothing, codes.ASSERT: _nothing, codes.ASSERT_NOT: _nothing, codes.GROUPREF: _anything,
    codes.SUBPATTERN: _subpattern, codes.ATOMIC_GROUP: _atomic, codes.BRANCH: _branch,
    codes.GROUPREF_EXISTS: _conditional, codes.MAX_REPEAT: _repeat, codes.MIN_REPEAT: _repeat,
    codes.POSSESSIVE_REPEAT: _repeat,
}
_SINGLE: dict[Any, Callable[[Any, int], tuple[frozenset[str], bool]]] = {
    codes.LITERAL: _literal, codes.NOT_LITERAL: _not_literal, codes.ANY: _any, codes.IN: _in,
}

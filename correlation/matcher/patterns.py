"""All patterns of one field, compiled together: a bounded cache from a value to the number of its set of matched atoms.

An atom is a leaf with a number. Equal sets of atoms have equal numbers (0 is the empty set), so that rows can be
compared by small integers. A value is matched once, whatever the number of rules: exact values by a dictionary,
literals by one Aho-Corasick automaton, globs, cased literals and regular expressions where a literal is found that they
cannot do without, networks by an interval table.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from correlation.matcher.literals import is_odd, required
from correlation.matcher.networks import NetworkIndex
from correlation.matcher.predicates import Predicate, predicate
from correlation.matcher.regexes import Guards
from correlation.matcher.values import MISSING, Key, Mark, keys_of
from correlation.rules.condition import (
    Cidr,
    Contains,
    EndsWith,
    Equals,
    Exists,
    Glob,
    Leaf,
    Null,
    Present,
    Regex,
    StartsWith,
)
from correlation.rules.conversion import compile_regex

_SURROGATES: Final = re.compile("[\ud800-\udfff]")
Numbers: TypeAlias = Sequence[int] | npt.NDArray[np.int64]
"""Of a column's values, the number of each one's set of matched atoms."""
EMPTY: Final[frozenset[int]] = frozenset()
MAX_VALUES: Final = 50_000
MAX_CHARACTERS: Final = 16_000_000
"""How much one field's cache holds; then its oldest quarter goes."""
_DFA_CHARACTERS: Final = 60_000
"""Automata of more literals than this stay sparse: a table of all transitions would take too much memory."""


class _Literal:
    """What to do where a literal is found: atoms that are proven by it, by its place, or need their predicate."""

    __slots__ = ("check", "contains", "ends", "starts")

    def __init__(self) -> None:
        self.contains: list[int] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.check: list[tuple[int, Predicate]] = []


class FieldPatterns(dict[Key, int]):
    """From a value's key (correlation.matcher.values) to the number of the set of atoms that it matches.

    Attributes:
        sets: the sets of atoms by their numbers.
        own: the atoms of the field itself, without keywords.
        absent: the atoms that are true where the field is not in the event.
        sees_keywords: whether the keywords of its bucket are among its atoms.
        gives_arrays: whether the numbers of a column may be an array.
    """

    sees_keywords = True
    gives_arrays = False

    def __init__(self, atoms: Mapping[int, Leaf], guards: Guards | None = None) -> None:
        super().__init__()
        guards = Guards() if guards is None else guards
        self.sets: list[frozenset[int]] = [EMPTY]
        self.own = frozenset(number for number, leaf in atoms.items() if leaf.field is not None)
        self._numbers = {EMPTY: 0}
        self._characters = 0
        self._equal: defaultdict[str, list[int]] = defaultdict(list)
        self._equal_cased: defaultdict[str, list[int]] = defaultdict(list)
        self._other: list[tuple[int, Predicate]] = []
        self._literals: defaultdict[str, _Literal] = defaultdict(_Literal)
        self._any = EMPTY
        null: set[int] = set()
        missing: set[int] = set()
        present: set[int] = set()
        self._regexes: list[tuple[int, Predicate]] = []
        networks: list[tuple[int, str]] = []
        for number, leaf in atoms.items():
            if isinstance(leaf, Null):
                null.add(number)
                missing.add(number)
            elif isinstance(leaf, Exists):
                (present if leaf.wanted else missing).add(number)
            elif isinstance(leaf, Regex):
                self._add_regex(number, compile_regex(leaf.pattern, leaf.flags), guards)
            elif isinstance(leaf, Cidr):
                networks.append((number, leaf.network))
            else:
                self._add_text(number, leaf)
        self._null = frozenset(null | present)
        self._object = frozenset(present | {
            n for n in self._any if isinstance(atoms[n], Present) and atoms[n].field is not None
        })
        self._present = frozenset(present)
        self._any |= present
        self.absent = frozenset(missing)
        self._networks = NetworkIndex(networks) if networks else None
        self._compile()

    def _add_text(self, number: int, leaf: Leaf) -> None:
        if isinstance(leaf, Present):
            self._any |= {number}
        elif isinstance(leaf, Equals):
            (self._equal_cased if leaf.cased else self._equal)[leaf.value].append(number)
        elif isinstance(leaf, Contains | StartsWith | EndsWith):
            if not leaf.value:
                self._any |= {number}
                return
            found = self._literals[leaf.value.lower()]
            if leaf.cased:
                found.check.append((number, predicate(leaf)))
            elif isinstance(leaf, Contains):
                found.contains.append(number)
            else:
                (found.starts if isinstance(leaf, StartsWith) else found.ends).append(number)
        elif isinstance(leaf, Glob) and (literal := longest_literal(leaf)):
            self._literals[literal].check.append((number, predicate(leaf)))
        else:
            self._other.append((number, predicate(leaf)))

    def _add_regex(self, number: int, pattern: re.Pattern[str], guards: Guards) -> None:
        asked = (number, guards[pattern])
        self._regexes.append(asked)
        literals = required(pattern)
        for literal in literals:
            self._literals[literal].check.append(asked)
        if not literals:
            self._other.append(asked)

    def _compile(self) -> None:
        # A single character stands in a long text a thousand times: whether it does is asked once. There are rules with
        # a thousand signs that no keyboard has, which are asked for only where a text has any such.
        single = [text for text in self._literals if len(text) == 1]
        self._letters = [(text, self._literals[text]) for text in single if text.isascii()]
        self._signs = frozenset(text for text in single if not text.isascii())
        texts = [text for text in self._literals if len(text) > 1]
        self._found = [self._literals[text] for text in texts]
        # Most literals prove one atom by being there, and nothing else: 0 stands where it is not that simple.
        self._proven = [
            0 if literal.starts or literal.ends or literal.check or len(literal.contains) != 1 else literal.contains[0]
            for literal in self._found
        ]
        small = sum(map(len, texts)) < _DFA_CHARACTERS
        self._find = AhoCorasick(
            texts,
            matchkind=MatchKind.Standard,
            implementation=Implementation.DFA if small else None,
        ).find_matches_as_indexes if texts else _find_nothing
        self._has_more = bool(
            self._equal_cased or self._letters or self._signs or self._networks or self._regexes or self._other
        )

    def number_of(self, atoms: frozenset[int]) -> int:
        """The number of a set of atoms, a new one if it was never seen."""
        number = self._numbers.get(atoms)
        if number is None:
            number = self._numbers[atoms] = len(self.sets)
            self.sets.append(atoms)
        return number

    def atoms_of(self, key: Key) -> frozenset[int]:
        """The atoms that a value matches."""
        if key.__class__ is str:
            return self._match(key)
        if key is None:
            return self._null
        if isinstance(key, tuple):
            return self._present.union(*map(self.atoms_of, key))
        return self.absent if key is MISSING else self._object

    def _match(self, text: str) -> frozenset[int]:
        lower = text.lower()
        equal = self._equal.get(lower)
        try:
            matches = self._find(lower, True)  # noqa: FBT003 - overlapping ones too; by name it takes longer
        except UnicodeEncodeError:  # a lone surrogate, which no rule can hold: any other character does as well
            matches = self._find(_SURROGATES.sub("\ufffd", lower), True)  # noqa: FBT003
        if not (equal or matches or self._has_more):
            return self._any
        found = set(equal) if equal else set()
        if self._equal_cased:
            found.update(self._equal_cased.get(text, ()))
        if matches:
            self._follow(matches, text, lower, found)
        if self._letters or self._signs:
            self._spell(text, lower, found)
        if self._networks is not None:
            found |= self._networks.find(text)
        if self._regexes and is_odd(text):
            found.update(number for number, question in self._regexes if question(text, lower))
        if self._other:
            found.update(number for number, question in self._other if question(text, lower))
        return self._any | found if found else self._any

    def _follow(self, matches: list[tuple[int, int, int]], text: str, lower: str, found: set[int]) -> None:
        """Add the atoms that literals prove by being there, by their place, or where a predicate agrees."""
        length, proven, add = len(lower), self._proven, found.add
        unsure: dict[int, _Literal] = {}
        for position, start, end in matches:
            atom = proven[position]
            if atom:
                add(atom)
                continue
            literal = self._found[position]
            if literal.contains:
                found.update(literal.contains)
            if start == 0 and literal.starts:
                found.update(literal.starts)
            if end == length and literal.ends:
                found.update(literal.ends)
            if literal.check:
                unsure[position] = literal
        for literal in unsure.values():
            _ask(literal, text, lower, found)

    def _spell(self, text: str, lower: str, found: set[int]) -> None:
        """The same for literals of one character."""
        here = [letter for letter in self._letters if letter[0] in lower]
        if self._signs and not lower.isascii():
            here += [(sign, self._literals[sign]) for sign in self._signs.intersection(lower)]
        for letter, literal in here:
            found.update(literal.contains)
            if literal.starts and lower[0] == letter:
                found.update(literal.starts)
            if literal.ends and lower[-1] == letter:
                found.update(literal.ends)
            if literal.check:
                _ask(literal, text, lower, found)

    def texts(self, values: Any) -> Numbers | None:
        """The numbers of a column's values, where all of them are keys as they are; else None."""
        if values.__class__ is list or values.__class__ is tuple:
            try:
                return look_up(self, values)
            except TypeError:
                pass
        return None

    def column(self, values: Any) -> Numbers:
        """The numbers of a column's values, whatever these are."""
        return list(map(self.__getitem__, keys_of(values)))

    def __missing__(self, key: Key) -> int:
        if key.__class__ is str:  # nearly always
            atoms = self._match(key)
            number, size = self._numbers.get(atoms), len(key)
            if number is None:
                number = self.number_of(atoms)
        elif key is None or _is_key(key):
            number, size = self.number_of(self.atoms_of(key)), size_of(key)
        else:
            raise TypeError(key)
        if size > MAX_CHARACTERS // 16:
            return number  # one value may not push out all others
        self._characters += size
        if len(self) >= MAX_VALUES or self._characters > MAX_CHARACTERS:
            self._forget()
        self[key] = number
        return number

    def _forget(self) -> None:
        oldest = [key for key, _ in zip(self, range(len(self) // 4 + 1), strict=False)]
        for key in oldest:
            self._characters -= size_of(key)
            del self[key]


def taken(numbers: Numbers, places: Sequence[int]) -> Numbers:
    """The numbers at some places."""
    return numbers[places] if isinstance(numbers, np.ndarray) else look_up(numbers, places)


def look_up(table: Mapping[Any, Any] | Sequence[Any], keys: Sequence[Any]) -> Sequence[Any]:
    """What stands in a table under each of these keys, or in a sequence at each of these places."""
    # A getter of many items asks for each without a call: a third faster than a loop or a map.
    return itemgetter(*keys)(table) if len(keys) > 1 else [table[key] for key in keys]


def _find_nothing(_text: str, _overlapping: bool, /) -> list[tuple[int, int, int]]:
    return []


def _ask(literal: _Literal, text: str, lower: str, found: set[int]) -> None:
    """Add the atoms whose predicates agree."""
    for number, question in literal.check:
        if number not in found and question(text, lower):
            found.add(number)


def _is_key(key: Any) -> bool:
    return key.__class__ is Mark or (
        key.__class__ is tuple and all(item is None or item.__class__ in (str, Mark) for item in key)
    )


def size_of(key: Key) -> int:
    """The characters of a key's texts."""
    if isinstance(key, str):
        return len(key)
    return 0 if key is None or isinstance(key, Mark) else sum(map(size_of, key))


def longest_literal(leaf: Glob) -> str:
    """The longest text inside a glob, in lower case; empty where there is none."""
    return max((part.lower() for part in leaf.parts if isinstance(part, str)), key=len, default="")


def texts_in(keys: Iterable[Key]) -> Iterable[str]:
    """The texts among keys, those inside lists too."""
    for key in keys:
        if isinstance(key, str):
            yield key
        elif isinstance(key, tuple):
            yield from texts_in(key)


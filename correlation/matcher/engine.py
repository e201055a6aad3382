"""The matcher: rules in, batches or documents in, matches out. It keeps caches, and no memory of earlier events.

Rules are routed by log source into buckets, one for each kind of event, compiled when the first such event comes.
A matcher belongs to one thread.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final
from weakref import WeakValueDictionary

import orjson

from correlation.matcher.addresses import AddressPatterns, are_addresses
from correlation.matcher.amounts import AmountPatterns, are_amounts
from correlation.matcher.bucket import MAX_SETS, Bucket, Prepared
from correlation.matcher.exact import ExactPatterns, are_exact
from correlation.matcher.keywords import Keywords
from correlation.matcher.model import Match
from correlation.matcher.patterns import FieldPatterns
from correlation.matcher.predicates import holds
from correlation.matcher.program import Atoms, Formula, fold
from correlation.matcher.regexes import Guards
from correlation.matcher.routing import Scheme
from correlation.matcher.table import BatchTable, Table, partition, tables
from correlation.matcher.values import MISSING, Key, key_of
from correlation.rules.condition import Equals, Exists, FieldRef, Leaf, Null, Present, leaves, rename
from correlation.rules.logsources import Route
from correlation.rules.model import Rule
from sensors.event.model import Batch

MAX_BUCKETS: Final = 1_024
MAX_PREPARED: Final = 4_096
"""Layouts with their constants that are remembered, so that a batch finds at once what it is matched with."""
DOCUMENTS_AT_ONCE: Final = 5_000
"""More at once make larger tables of each layout, fewer answer sooner."""
_UNHEARD_OF: Final = "\0"
"""Stands in a bucket's key for every value that no rule names: such events share one bucket."""


class Matcher:
    """Evaluates rules on events.

    Args:
        rules: what to look for.
        mapping: whether rules are routed by log source to our datasets, and their fields mapped to ours.
        routing: without mapping, whether Windows rules go only to the channels and event ids of their log source, read
            from the events' own `Channel` and `EventID`; otherwise every rule is evaluated on every event.
    """

    def __init__(self, rules: Sequence[Rule], *, mapping: bool = True, routing: bool = False) -> None:
        scheme = Scheme.mapped() if mapping else Scheme.raw() if routing else Scheme.everything()
        self._rules = tuple(rules)
        self._atoms = Atoms()
        self._entries: defaultdict[Route, list[tuple[int, Formula]]] = defaultdict(list)
        self._timed = False
        for position, rule in enumerate(self._rules):
            formulas: dict[str, Formula] = {}
            for route in scheme.routes(rule.logsource):
                names = route.names
                if names.table not in formulas:
                    formulas[names.table] = self._atoms.formula(rename(rule.condition, names))
                self._entries[route].append((position, formulas[names.table]))
        self._key_fields = scheme.key_fields(self._entries)
        self._key_names = frozenset(self._key_fields)
        self._key_atoms = [n for n in range(2, len(self._atoms.leaves) + 2) if self._is_key(n)]
        self._vocabulary = {name: self._words(name) for name in self._key_fields}
        self._timed = any(_names_time(rule) for rule in rules)
        self._buckets: dict[tuple[Key, ...], Bucket] = {}
        self._prepared: dict[tuple[str | bytes, ...], Prepared] = {}
        self._pool = _Pool(self._atoms)

    @property
    def combinations(self) -> int:
        """How many different rows, as rules see them, are remembered: those that were evaluated, not looked up."""
        return sum(bucket.combinations for bucket in self._buckets.values())

    def match(self, batch: Batch) -> list[Match]:
        """The rows of a batch that rules match, in order."""
        return self._match(BatchTable(batch, timed=self._timed))

    def prepare(self, batch: Batch) -> None:
        """Compile the rules for this kind of event now, so that the first match of the kind does not wait for it."""
        for part, _ in partition(BatchTable(batch, timed=self._timed), self._key_fields):
            self._bucket(part.constants)

    def match_document(self, event: Mapping[str, Any]) -> tuple[Rule, ...]:
        """The rules that match one event, given as JSON: nested or with dotted keys."""
        return next((rules for _, rules in self.match_documents((event,))), ())

    def match_documents(self, events: Iterable[Mapping[str, Any]]) -> Iterator[tuple[int, tuple[Rule, ...]]]:
        """The events that rules match, by their position, in order; many at once are much faster than one by one."""
        source, first = iter(events), 0
        while portion := list(islice(source, DOCUMENTS_AT_ONCE)):
            yield from ((first + row, rules) for row, rules in self._match_portion(portion))
            first += len(portion)

    def _match_portion(self, events: Sequence[Mapping[str, Any]]) -> list[tuple[int, tuple[Rule, ...]]]:
        found = [
            (rows[row], rules)
            for table, rows in tables(events)
            for row, rules in self._match(table)
        ]
        return sorted(found, key=_row)

    def _match(self, table: Table) -> list[Match]:
        if not self._key_names.isdisjoint(table.names):
            found = [
                Match(rows[row], rules)
                for part, rows in partition(table, self._key_fields)
                for row, rules in self._match(part)
            ]
            return sorted(found, key=_row)
        try:
            # Values may be lists, and 1 is the same key as True: as JSON they can be told apart.
            key: tuple[str | bytes, ...] = (orjson.dumps(table.constants), *table.names)
        except TypeError:  # a lone surrogate, a number beyond 64 bits
            return self._bucket(table.constants).prepared(table).match(table)
        prepared = self._prepared.get(key)
        if prepared is None or prepared.worn:
            if len(self._prepared) >= MAX_PREPARED:
                self._prepared.clear()
            prepared = self._prepared[key] = self._bucket(table.constants).prepared(table)
        return prepared.match(table)

    def _bucket(self, constants: Mapping[str, Any]) -> Bucket:
        key = tuple([self._word(name, constants.get(name, MISSING)) for name in self._key_fields])
        bucket = self._buckets.get(key)
        if bucket is None or bucket.worn:
            if len(self._buckets) >= MAX_BUCKETS:
                del self._buckets[next(iter(self._buckets))]
            bucket = self._buckets[key] = self._compile(key)
        return bucket

    def _compile(self, key: tuple[Key, ...]) -> Bucket:
        values = dict(zip(self._key_fields, key, strict=True))
        known = {number: self._holds(number, values) for number in self._key_atoms}
        formulas: defaultdict[int, list[Formula]] = defaultdict(list)
        for route, entries in self._entries.items():
            if _leads(route, values):
                for position, formula in entries:
                    formulas[position].append(formula)
        rules = []
        for position in sorted(formulas):
            folded = fold(("or", *formulas[position]), known)
            if folded is not False:
                rules.append((self._rules[position], folded))
        return Bucket(rules, self._atoms, self._pool)

    def _is_key(self, number: int) -> bool:
        leaf = self._atoms.leaf(number)
        return leaf.field in self._key_fields and not isinstance(leaf, FieldRef)

    def _holds(self, number: int, values: Mapping[str, Key]) -> bool:
        leaf = self._atoms.leaf(number)
        return holds(leaf, values[leaf.field or ""])

    def _words(self, name: str) -> frozenset[str] | None:
        """The values of a key field that rules name; None where they ask for more than equality."""
        words = {
            word for route in self._entries for field, values in route.where if field == name for word in values
        }
        for number in self._key_atoms:
            leaf = self._atoms.leaf(number)
            if leaf.field != name:
                continue
            if isinstance(leaf, Equals) and not leaf.cased:
                words.add(leaf.value)
            elif not isinstance(leaf, Null | Exists | Present):
                return None
        return None if name == "event.dataset" else frozenset(words)

    def _word(self, name: str, value: Any) -> Key:
        key = key_of(value)
        if not isinstance(key, str):
            return key
        words = self._vocabulary[name]
        if words is None:
            return key
        lower = key.lower()
        return lower if lower in words else _UNHEARD_OF


class _Pool:
    """Patterns that several buckets need are compiled, and their values cached, once."""

    def __init__(self, atoms: Atoms) -> None:
        self._atoms = atoms
        self._patterns: WeakValueDictionary[tuple[str, tuple[int, ...]], FieldPatterns] = WeakValueDictionary()
        self._guards = Guards()
        self._keywords: WeakValueDictionary[tuple[tuple[int, ...], ...], Keywords] = WeakValueDictionary()

    def patterns(self, field: str, numbers: Iterable[int]) -> FieldPatterns:
        """As in `Pool`."""
        key = (field, tuple(numbers))
        found = self._patterns.get(key)
        if found is None or len(found.sets) > MAX_SETS:
            leaves = self._leaves(key[1])
            found = self._patterns[key] = _kind(leaves.values())(leaves, self._guards)
        return found

    def keywords(self, numbers: Iterable[int], triggers: Iterable[int]) -> Keywords:
        """As in `Pool`."""
        key = tuple(numbers), tuple(triggers)
        found = self._keywords.get(key)
        if found is None or len(found.patterns.sets) > MAX_SETS:
            found = self._keywords[key] = Keywords(self._leaves(key[0]), key[1])
        return found

    def _leaves(self, numbers: Iterable[int]) -> dict[int, Leaf]:
        return {number: self._atoms.leaf(number) for number in numbers}


def _kind(leaves: Collection[Leaf]) -> type[FieldPatterns]:
    if are_exact(leaves):
        return ExactPatterns
    if are_addresses(leaves):
        return AddressPatterns
    return AmountPatterns if are_amounts(leaves) else FieldPatterns


def _leads(route: Route, values: Mapping[str, Key]) -> bool:
    dataset = values.get("event.dataset", "")
    return route.takes(dataset if isinstance(dataset, str) else "") and all(
        any(isinstance(item, str) and item.lower() in wanted for item in _items(values[name]))
        for name, wanted in route.where
    )


def _items(key: Key) -> tuple[Any, ...]:
    return key if isinstance(key, tuple) else (key,)


def _names_time(rule: Rule) -> bool:
    return any(
        leaf.field == "@timestamp" or (isinstance(leaf, FieldRef) and leaf.other == "@timestamp")
        for leaf in leaves(rule.condition)
    )


def _row(found: tuple[int, tuple[Rule, ...]]) -> int:
    return found[0]

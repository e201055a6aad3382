"""What a declared rule finds: its conditions narrow the records of its register, one pass for each."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from inventory.audits.conditions import TODAY, Condition, fulfilled
from inventory.audits.landscape import ID, Landscape
from inventory.audits.model import Hit, Rule


def hits(land: Landscape, rule: Rule) -> Iterator[Hit]:
    """The records that a rule finds."""
    rows = narrowed(land, rule.register, range(len(land.table(rule.register))), rule.where)
    if rule.same:
        yield from _shared(land, rule, rows)
    elif rule.each:
        yield from _each(land, rule, rows)
    else:
        columns = {name: land.values(rule.register, path, rows) for name, path in rule.show.items()}
        for place, row in enumerate(rows):
            shown = {
                name: land.shown(rule.register, rule.show[name], column[place]) for name, column in columns.items()
            }
            yield Hit(rule.register, row, parameters=shown)


def need(land: Landscape, rule: Rule) -> None:
    """Say which columns the rule will look at."""
    paths = [*rule.same, *([rule.each] if rule.each else ()), *(_paths(rule.where))]
    there = [f"{rule.each}.{path}" for path in _paths(rule.there)]
    for path in (*paths, *there, *rule.show.values()):
        land.need(rule.register, path)
    for condition in (*rule.where, *rule.there):
        if condition.elsewhere:
            land.need(*condition.elsewhere)


def narrowed(
    land: Landscape, register: str, rows: Sequence[int], conditions: Sequence[Condition]
) -> Sequence[int]:
    """Those of these records that fulfil all conditions."""
    for condition in conditions:
        if not rows:
            break
        values = land.values(register, condition.field, rows)
        others = _others(land, register, condition, rows)
        held = fulfilled(condition, values, others, land.day)
        rows = [row for row, holds in zip(rows, held, strict=True) if holds]
    return rows


def _paths(conditions: Sequence[Condition]) -> Iterator[str]:
    for condition in conditions:
        yield condition.field
        if condition.other:
            yield condition.other


def _others(land: Landscape, register: str, condition: Condition, rows: Sequence[int]) -> Any:
    if condition.elsewhere:
        other, field = condition.elsewhere
        return frozenset(land.table(other).column(field))
    if condition.test == "gone":
        return land.table(land.end(register, condition.field).register).rows
    if condition.other:
        return land.values(register, condition.other, rows)
    return [land.day] * len(rows) if condition.argument == TODAY else ()


def _shared(land: Landscape, rule: Rule, rows: Sequence[int]) -> Iterator[Hit]:
    """Records that share what is to be one's own; each is found by itself, since each has an owner."""
    groups: dict[tuple[Any, ...], list[int]] = {}
    columns = [land.values(rule.register, path, rows) for path in rule.same]
    shared = {values for values, number in Counter(zip(*columns, strict=True)).items() if number > 1}
    for row, *parts in zip(rows, *columns, strict=True) if shared else ():
        values = tuple(parts)
        if values in shared and None not in values:
            groups.setdefault(values, []).append(row)
    for values, together in groups.items():
        value = " ".join(str(land.shown(rule.register, path, one)) for path, one in zip(rule.same, values, strict=True))
        for row in together:
            others = [land.key(rule.register, other) for other in together[:4] if other != row][:3]
            yield Hit(rule.register, row, value, {"value": value, "number": len(together), "others": others})


def _each(land: Landscape, rule: Rule, rows: Sequence[int]) -> Iterator[Hit]:
    """Records of which one or more of the references lead to what fulfils the conditions there."""
    to = land.end(rule.register, rule.each).register
    target = land.table(to)
    lists = land.values(rule.register, rule.each, rows)
    pairs = [
        (row, number)
        for row, ids in zip(rows, lists, strict=True)
        for id_ in ids or ()
        if (number := target.rows.get(id_)) is not None
    ]
    found = set(narrowed(land, to, sorted({number for _, number in pairs}), rule.there))
    for row, number in pairs:
        if number not in found:
            continue
        shown = {
            name: land.shown(rule.register, path, land.values(rule.register, path, (row,))[0])
            for name, path in rule.show.items()
            if not path.startswith(f"{rule.each}.")
        } | {
            name: land.shown(to, inner, land.values(to, inner, (number,))[0])
            for name, path in rule.show.items()
            if (inner := path.removeprefix(f"{rule.each}.")) != path
        }
        yield Hit(rule.register, row, target.column(ID)[number], {"other": land.key(to, number), **shown})

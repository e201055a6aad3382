"""Data-security reviews: an item is reviewed where a review names it, or names no items and so all of its unit."""

from collections.abc import Iterator

from inventory.audits.conditions import days_after
from inventory.audits.landscape import Landscape
from inventory.audits.model import Hit, Rule


def unreviewed(land: Landscape, rule: Rule) -> Iterator[Hit]:
    """Core and important data whose last review is too old, or that never had one."""
    last: dict[str, str] = {}
    reviews = land.table("data_reviews")
    columns = (reviews.column(key) for key in ("unit", "items", "reviewed_on"))
    for unit, items, day in zip(*columns, strict=True):
        if day is None or day > land.day:
            continue
        for id_ in items or (unit,):
            last[id_] = max(last.get(id_, ""), day)
    oldest = days_after(land.day, -rule.parameters["days"])
    table, grades = land.table("data_catalogue"), rule.parameters["grades"]
    for row, (id_, unit, grade) in enumerate(
        zip(table.ids, table.column("unit"), table.column("grade"), strict=True)
    ):
        if grade in grades:
            day = max(last.get(id_, ""), last.get(unit, ""))
            if day < oldest:
                yield Hit("data_catalogue", row, "", {"grade": grade, "reviewed": day or None})

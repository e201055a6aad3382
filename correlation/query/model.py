"""A query as every store gets it: a parsed condition, a range of event time, order and size."""

from dataclasses import dataclass, field

from correlation.query.tree import Everything, Node


@dataclass(frozen=True, slots=True)
class Query:
    """What to search.

    `start` (inclusive) and `end` (exclusive) bound event time in ns since 1970. `sort` is a field, descending if
    `descending`; `after` continues a page as `Page.after` said.
    """

    where: Node = field(default_factory=Everything)
    start: int | None = None
    end: int | None = None
    sort: str = "@timestamp"
    descending: bool = True
    limit: int = 100
    after: str | None = None

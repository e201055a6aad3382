"""A query as every store gets it: a parsed condition, a range of event time, order and size."""

from dataclasses import dataclass, field

from correlation.query.tree import Everything, Node

MILLISECOND = 1_000_000


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


def check_interval(interval: int) -> None:
    """Make sure that a histogram's interval is one that every store can count by.

    Raises:
        ValueError: it is not a positive whole number of milliseconds, in ns.
    """
    if interval <= 0 or interval % MILLISECOND:
        raise ValueError(f"an interval is a positive whole number of milliseconds in ns, not {interval}")

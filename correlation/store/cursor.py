"""Where the next page goes on, as an opaque text: the last event's sort value and id, the order, and the total."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from dataclasses import dataclass

import orjson

from correlation.query.errors import CursorMismatch
from correlation.query.model import Query
from correlation.query.values import Scalar


@dataclass(frozen=True, slots=True)
class Cursor:
    """The place after an event: its sort value (None: it has none) and id; `total` as the first page counted."""

    value: Scalar | None
    event_id: str
    total: int


def write_cursor(query: Query, cursor: Cursor) -> str:
    """The cursor as text for `Page.after`."""
    parts = [query.sort, query.descending, cursor.value, cursor.event_id, cursor.total]
    return urlsafe_b64encode(orjson.dumps(parts)).decode()


def read_cursor(query: Query) -> Cursor | None:
    """The cursor in `query.after`; None on the first page.

    Raises:
        CursorMismatch: it is damaged, or comes from another order.
    """
    if query.after is None:
        return None
    try:
        sort, descending, value, event_id, total = orjson.loads(urlsafe_b64decode(query.after.encode()))
    except (Error, ValueError, TypeError) as error:
        raise CursorMismatch(sort=query.sort) from error
    right = isinstance(event_id, str) and isinstance(total, int) and isinstance(value, str | int | float | None)
    if (sort, descending) != (query.sort, query.descending) or not right:
        raise CursorMismatch(sort=query.sort)
    return Cursor(value, event_id, total)

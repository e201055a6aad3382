"""Where a page of what is sorted by time and id goes on."""

from correlation.alerts.errors import CursorUnusable


def write_cursor(time: int, last: str) -> str:
    """A cursor behind what has this time, ns, and this id."""
    return f"{time}.{last}"


def read_cursor(text: str) -> tuple[int, str]:
    """What `write_cursor` wrote.

    Raises:
        CursorUnusable: it is not a cursor that an earlier page gave.
    """
    time, point, last = text.partition(".")
    if not point or not time.lstrip("-").isdigit():
        raise CursorUnusable(cursor=text)
    return int(time), last

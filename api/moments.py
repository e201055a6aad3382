"""Times as people say them to the API and the command line: ISO 8601, or relative to now."""

from correlation.query.datemath import moment as relative
from correlation.query.errors import QueryProblem
from sensors.event.times import from_iso


class MomentUnusable(QueryProblem):
    """`text` is neither ISO 8601 nor relative to now."""

    code = "moment-unusable"


def moment(text: str, now: int) -> int:
    """Nanoseconds since 1970 of `2026-11-22`, `2026-11-22T08:00:00+08:00`, `now`, `now-1h`, `now-7d/d`.

    Raises:
        MomentUnusable: the text is none of these.
    """
    found = relative(text, now)
    if found is not None:
        return found
    try:
        return from_iso(text)
    except ValueError as error:
        raise MomentUnusable(text=text) from error

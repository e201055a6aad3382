"""Whether what lies above a record comes to an end: units below units, districts below districts."""

from collections.abc import Mapping, Sequence


def circle(above: Mapping[str, str | None], start: str) -> Sequence[str]:
    """The way from a record to itself; empty where the way up comes to an end."""
    way = [start]
    seen = {start}
    while (following := above.get(way[-1])) is not None:
        way.append(following)
        if following == start:
            return way
        if following in seen:
            # A circle above it, which is told of those who are in it.
            return ()
        seen.add(following)
    return ()

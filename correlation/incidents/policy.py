"""Reading the rules of incidents, which are data: the product's own file, and over it what a site says instead.

A site's mapping replaces the product's keys one by one. An unknown key or a value that cannot be meant is refused with
file and key, since a rule that was misspelled would be a rule that does not hold.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import yaml

from correlation.incidents.errors import PolicyUnusable
from sensors.errors import Place
from sensors.event.times import SECOND

_UNITS: Final = {"s": SECOND, "m": 60 * SECOND, "h": 3_600 * SECOND, "d": 86_400 * SECOND}


def own(name: str) -> dict[str, Any]:
    """A file of the product's own by its name, such as `linking`."""
    said: dict[str, Any] = yaml.safe_load((files(__package__) / f"{name}.yml").read_text(encoding="utf-8"))
    return said


def over(name: str, path: Path | None) -> tuple[dict[str, Any], str]:
    """The product's own file with the keys of the site's over it, and the name to complain of.

    Raises:
        PolicyUnusable: the site's file cannot be read, is no mapping, or says a key that the product's does not have.
    """
    ours = own(name)
    if path is None:
        return ours, f"{name}.yml"
    theirs = read(path)
    for key in theirs:
        if key not in ours:
            near = get_close_matches(str(key), ours, n=1) or sorted(ours)
            raise PolicyUnusable(place=Place(str(path), field=str(key)), reason=f"unknown; known: {', '.join(near)}")
    return ours | theirs, str(path)


def read(path: Path) -> dict[str, Any]:
    """A site's file as a mapping.

    Raises:
        PolicyUnusable: it cannot be read, or is no mapping in YAML.
    """
    try:
        said = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PolicyUnusable(place=Place(str(path)), reason=error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise PolicyUnusable(place=Place(str(path)), reason="not UTF-8") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = Place(str(path), mark.line + 1 if mark else None)
        raise PolicyUnusable(place=place, reason=getattr(error, "problem", None) or "not YAML") from error
    if not isinstance(said, dict):
        raise PolicyUnusable(place=Place(str(path)), reason="not a mapping of keys to values")
    return said


def number(said: Mapping[str, Any], key: str, name: str, least: int = 0) -> int:
    """A whole number of at least `least`.

    Raises:
        PolicyUnusable: it is none.
    """
    value = said.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise PolicyUnusable(place=Place(name, field=key), reason=f"wanted: a whole number of {least} or more")
    return value


def span(said: Mapping[str, Any], key: str, name: str) -> int:
    """A span of time as ns: `90s`, `15m`, `2h`, `7d`.

    Raises:
        PolicyUnusable: it is none.
    """
    text = str(said.get(key, ""))
    if text[:-1].isdecimal() and text[-1:] in _UNITS and int(text[:-1]):
        return int(text[:-1]) * _UNITS[text[-1]]
    raise PolicyUnusable(place=Place(name, field=key), reason="wanted: a span of time such as 90s, 15m, 2h or 7d")

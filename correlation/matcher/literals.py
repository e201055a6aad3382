"""What a text must hold before a regular expression is tried on it.

Most expressions cannot match without some literal, which the patterns of a field look for together with all their
others. It is read off `re`'s own parse.
"""

import re
import warnings
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as sre  # type: ignore[attr-defined]
from typing import Any, Final

_FOLDS_OUTSIDE_ASCII: Final = "\u0130\u0131\u017f\u212a"
"""Characters that `re` takes for an ASCII letter when case is ignored."""
_ODD: Final = re.compile(f"[{_FOLDS_OUTSIDE_ASCII}]")
_REPEATS: Final = frozenset({codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT})


def is_odd(text: str) -> bool:
    """Whether a text holds letters that only `re` takes for ASCII ones: neither literals nor guards see those."""
    return not text.isascii() and _ODD.search(text) is not None


def required(pattern: re.Pattern[str]) -> frozenset[str]:
    """Texts in lower case of which every text that matches holds one, in any case; none where nothing is sure.

    This does not hold of texts that are odd (`is_odd`).
    """
    return _required(parsed(pattern))


def parsed(pattern: re.Pattern[str]) -> Any:
    """The expression as `re` reads it, character classes as they are in ASCII."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return sre.parse(pattern.pattern, pattern.flags & ~re.UNICODE)


def _required(tree: Any) -> frozenset[str]:
    """The best of the choices: that whose shortest literal is longest."""
    choices: list[frozenset[str]] = []
    run = ""
    for code, value in tree:
        letter = _letter(code, value)
        if letter:
            run += letter
        elif code is not codes.AT:  # an anchor takes no room: what stands around it stands together
            choices += [frozenset((run,)), _within(code, value)]
            run = ""
    choices.append(frozenset((run,)))
    return max((one for one in choices if one and "" not in one), key=_worth, default=frozenset())


def _worth(choice: frozenset[str]) -> tuple[int, int]:
    return min(map(len, choice)), -len(choice)


def _within(code: Any, value: Any) -> frozenset[str]:
    """What a compound part requires."""
    if code is codes.SUBPATTERN:
        return _required(value[3])
    if code is codes.ATOMIC_GROUP:
        return _required(value)
    if code in _REPEATS and value[0] > 0:
        return _required(value[2])
    if code is codes.BRANCH:
        parts = [_required(part) for part in value[1]]
        return frozenset().union(*parts) if all(parts) else frozenset()
    return frozenset()


def _letter(code: Any, value: Any) -> str:
    """The ASCII character that a part is in some case, in lower case; empty where it is anything else."""
    items = [(code, value)] if code is codes.LITERAL else value if code is codes.IN else []
    letters = {chr(item).lower() if kind is codes.LITERAL and item < 128 else "" for kind, item in items}
    return letters.pop() if len(letters) == 1 else ""

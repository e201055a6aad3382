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
_MOST_RUNS: Final = 8
"""So many texts that differ in a letter are looked for; where there are more, shorter ones."""
_COMMON: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789" r' -_.,:/\"=')
"""Characters that stand in nearly every path or command line."""
_NOTHING: Final = frozenset(("",))
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
    runs = _NOTHING
    for code, value in tree:
        if code is codes.AT:  # an anchor takes no room: what stands around it stands together
            continue
        once = value[2][0] if code in _REPEATS and value[0] > 0 and len(value[2]) == 1 else (code, value)
        letters = _letters(*once)
        longer = frozenset(run + letter for run in runs for letter in letters)
        if 0 < len(longer) <= _MOST_RUNS:
            runs = longer
        else:
            choices += [runs, _within(code, value)]
            runs = letters or _NOTHING
        if once[0] is not code:  # what comes after the last repetition stands beside its letter, not beside the first
            choices.append(runs)
            runs = letters or _NOTHING
    choices.append(runs)
    return max((one for one in choices if one and "" not in one), key=_worth, default=frozenset())


def _worth(choice: frozenset[str]) -> tuple[int, bool, int]:
    """Long literals are rare, and so are some characters; few are found sooner than many."""
    return min(map(len, choice)), _COMMON.isdisjoint(choice), -len(choice)


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


def _letters(code: Any, value: Any) -> frozenset[str]:
    """The few ASCII characters that a part is one of, in some case, in lower case; none where it is anything else."""
    letters: set[str] = set()
    for kind, item in [(code, value)] if code is codes.LITERAL else value if code is codes.IN else [(code, value)]:
        first, last = item if kind is codes.RANGE else (item, item) if kind is codes.LITERAL else (0, 128)
        if last >= 128 or last - first > _MOST_RUNS:
            return frozenset()
        letters.update(chr(number).lower() for number in range(first, last + 1))
    return frozenset(letters) if len(letters) <= _MOST_RUNS else frozenset()

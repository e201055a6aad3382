"""One rule among many, by what people call it."""

from pathlib import PurePath
from typing import Final

from correlation.errors import RuleNotFound, RuleNotUnique
from correlation.rules.loading import Loaded
from correlation.rules.model import Correlation, Rule

_FEW: Final = 10


def find_rule(loaded: Loaded, asked: str) -> Rule | Correlation:
    """The rule or correlation of this id, name, beginning of an id, title in either language, or file's name.

    Raises:
        RuleNotFound: none is called so.
        RuleNotUnique: several are.
    """
    known: tuple[Rule | Correlation, ...] = (*loaded.rules, *loaded.correlations)
    folded = asked.casefold()
    ways = (
        [one for one in known if folded in (one.id.casefold(), one.name.casefold())],
        [one for one in known if one.id.casefold().startswith(folded)],
        [one for one in known if folded in (one.title.casefold(), one.title_zh)],
        [one for one in known if PurePath(one.path).stem.casefold() == folded],
    )
    for found in ways if asked else ():
        if len(found) == 1:
            return found[0]
        if found:
            raise RuleNotUnique(name=asked, found=[one.id for one in found[:_FEW]])
    raise RuleNotFound(name=asked)

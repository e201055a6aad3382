"""Finding a scope by what people call it."""

from difflib import get_close_matches
from typing import Final

from correlation.posture.errors import ScopeUnknown
from correlation.posture.model import CITY, KINDS, Posture, Scope, Standing

_NEAR: Final = 5


def standing_of(posture: Posture, said: str) -> Standing:
    """How `district/A`, or `A` where only one scope is called so, stands.

    Raises:
        ScopeUnknown: there is none, or several are called so.
    """
    kind, slash, name = said.partition("/")
    if slash and kind in KINDS:
        found = posture.standings.get(Scope(kind, name))
        if found is not None:
            return found
        known = [scope.name for scope in posture.standings if scope.kind == kind]
        raise ScopeUnknown(name=said, known=_near(name, known))
    if said == CITY.name:
        return posture.city
    called = [scope for scope in posture.standings if scope.name == said]
    if len(called) == 1:
        return posture.standings[called[0]]
    if called:
        raise ScopeUnknown(name=said, known=", ".join(map(str, sorted(called))))
    raise ScopeUnknown(name=said, known=_near(said, sorted({scope.name for scope in posture.standings})))


def _near(name: str, known: list[str]) -> str:
    return ", ".join(get_close_matches(name, known, n=_NEAR) or sorted(known)[:_NEAR]) or "-"

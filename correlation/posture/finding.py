"""Finding a scope by what people call it."""

from difflib import get_close_matches
from typing import Final

from correlation.posture.errors import ScopeUnknown
from correlation.posture.model import CITY, KINDS, Posture, Scope, Standing

_NEAR: Final = 5


def named(said: str) -> Scope | None:
    """The scope that is said with its kind, whether there is one now or not; None where only a name is said."""
    kind, slash, name = said.partition("/")
    if said == CITY.name:
        return CITY
    return next((Scope(one, name) for one in KINDS if slash and one == kind), None)


def standing_of(posture: Posture, said: str) -> Standing:
    """How `district/A`, or `A` where only one scope is called so, stands.

    Raises:
        ScopeUnknown: there is none, or several are called so.
    """
    wanted = named(said)
    if wanted is not None:
        found = posture.standings.get(wanted)
        if found is not None:
            return found
        known = [scope.name for scope in posture.standings if scope.kind == wanted.kind]
        if said not in {scope.name for scope in posture.standings}:
            raise ScopeUnknown(name=said, known=_near(wanted.name, known))
    called = [scope for scope in posture.standings if scope.name == said]
    if len(called) == 1:
        return posture.standings[called[0]]
    if called:
        raise ScopeUnknown(name=said, known=", ".join(map(str, sorted(called))))
    raise ScopeUnknown(name=said, known=_near(said, sorted({scope.name for scope in posture.standings})))


def _near(name: str, known: list[str]) -> str:
    return ", ".join(get_close_matches(name, known, n=_NEAR) or sorted(known)[:_NEAR]) or "-"

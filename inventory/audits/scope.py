"""Which part of the city an audit is about: the whole, a district with what lies in it, a unit with those below it."""

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final, Literal

from inventory.audits.errors import AuditScopeUnknown, AuditScopeUnusable
from inventory.audits.landscape import Landscape
from inventory.audits.model import Hit

Kind = Literal["city", "district", "unit"]
_REGISTERS: Final = {"district": "districts", "unit": "units"}


@dataclass(frozen=True, slots=True)
class Scope:
    """A part of the city; `code` is empty for the whole."""

    kind: Kind = "city"
    code: str = ""

    def __str__(self) -> str:
        return f"{self.kind}/{self.code}" if self.code else self.kind


CITY: Final = Scope()


def read_scope(text: str) -> Scope:
    """What `city`, `district/CODE` or `unit/CODE` names.

    Raises:
        AuditScopeUnusable: the text is none of these.
    """
    kind, _, code = text.partition("/")
    if kind == "city" and not code:
        return CITY
    if kind == "district" and code:
        return Scope("district", code)
    if kind == "unit" and code:
        return Scope("unit", code)
    raise AuditScopeUnusable(text=text)


class Within:
    """Which records lie within a scope."""

    def __init__(self, land: Landscape, scope: Scope) -> None:
        self._land = land
        self.scope = scope
        self._ids = frozenset[str]()
        if scope.kind != "city":
            register = _REGISTERS[scope.kind]
            self._ids = land.under(register, _record(land, register, scope.code))

    def has(self, hit: Hit) -> bool:
        """Whether what was found lies within; what concerns the city as a whole lies in the whole alone."""
        if self.scope.kind == "city":
            return True
        return hit.row is not None and self.holds(hit.register, hit.row)

    def holds(self, register: str, row: int) -> bool:
        """Whether a record lies within, by its number."""
        if self.scope.kind == "city":
            return True
        found = self._land.unit_of if self.scope.kind == "unit" else self._land.district_of
        return found(register, row) in self._ids


def _record(land: Landscape, register: str, code: str) -> str:
    table = land.table(register)
    codes: dict[str, str] = dict(zip(table.column("code"), table.ids, strict=True))
    if code not in codes:
        nearest = get_close_matches(code, codes, n=3)
        raise AuditScopeUnknown(register=register, key=code, day=land.day, nearest=", ".join(nearest))
    return codes[code]

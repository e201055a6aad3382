"""What people call the districts and units that numbers are of."""

from collections.abc import Mapping
from functools import cached_property

from inventory.indicators.model import Scope
from inventory.indicators.ports import Columns
from inventory.model import Moment
from inventory.registers import registers


class Names:
    """Codes and names of districts and units at a moment, read when they are asked for."""

    def __init__(self, known: Columns, moment: Moment) -> None:
        """The registers as of a moment."""
        self._known = known
        self._moment = moment

    def of(self, scope: Scope) -> tuple[str, str]:
        """The code and the name of a district or unit; twice nothing for what belongs to none.

        What is not there at this moment is called by its id.
        """
        if not scope.id:
            return "", ""
        return (self._units if scope.kind == "unit" else self._districts).get(scope.id, (scope.id, ""))

    @cached_property
    def _units(self) -> Mapping[str, tuple[str, str]]:
        return self._read("units")

    @cached_property
    def _districts(self) -> Mapping[str, tuple[str, str]]:
        return self._read("districts")

    def _read(self, register: str) -> dict[str, tuple[str, str]]:
        rows = self._known.columns(registers()[register], ("code", "name"), self._moment)
        return {id_: (code, name) for id_, code, name in rows}

"""A declared format, compiled: texts in, parts of batches out."""

from collections.abc import Sequence
from datetime import tzinfo
from functools import cached_property
from zoneinfo import ZoneInfo

from sensors.parsers.declared.mapping import Naming, Part
from sensors.parsers.declared.model import Columns, Declaration
from sensors.parsers.declared.separated import Separated
from sensors.parsers.declared.taking import Taking, taking


class Format:
    """One format; it is compiled when the first text is given to it."""

    def __init__(self, declaration: Declaration) -> None:
        self.declaration = declaration
        self.name = declaration.name
        self._zone = None if declaration.zone is None else ZoneInfo(declaration.zone)

    @cached_property
    def _taking(self) -> Taking:
        return taking(self.declaration)

    @cached_property
    def _naming(self) -> Naming:
        return Naming(self.declaration)

    @cached_property
    def separated(self) -> Separated | None:
        """What takes values apart whose names stand in a header of the input; None for all other formats."""
        reading = self.declaration.reading
        return Separated(reading) if isinstance(reading, Columns) and reading.header else None

    def parts(  # noqa: PLR0913, PLR0917 - what texts come with
        self,
        texts: Sequence[str],
        rows: Sequence[int],
        received: int,
        zone: tzinfo,
        names: tuple[str, ...] | None = None,
        programs: Sequence[str | None] = (),
    ) -> tuple[list[Part], list[int]]:
        """What the texts at these indices become, and those that are not of this format.

        `zone` is that of times without one, where the format says none; `names` are those of the last header,
        `programs` those of the syslog headers by row.
        """
        if names is not None and self.separated is not None:
            groups, left = self.separated.take(texts, rows, names)
            parts = [
                part
                for group in groups
                for part in self._naming.of_rows(group, received, self._zone or zone)
            ]
            return parts, left
        taken, left = self._taking(texts, rows)
        place = self._zone or zone
        return [part for one in taken for part in self._naming.parts(one, received, place, programs)], left

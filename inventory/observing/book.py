"""What was seen, on disk: written as often as one likes, it stays the same."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Engine, case, func, select
from sqlalchemy.dialects import postgresql, sqlite

from inventory.database import writing
from inventory.observing.model import Proof, Seen, Sighting
from inventory.observing.tables import sighting
from inventory.store.statements import in_parts

_TOGETHER: Final = 1_000
_LONGEST: Final = 255
"""Characters of a value: no name in the domain name system has more."""


class SightingBook:
    """The sightings of a relational database that `inventory.database.open_database` has opened."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def write(self, seen: Sequence[Seen]) -> None:
        """Add what was seen; a thing that is there keeps its first proof, and its days become more."""
        if not seen:
            return
        rows = [_row(one) for one in seen]
        with writing(self._engine) as connection:
            for part in in_parts(rows, _TOGETHER):
                connection.execute(_upsert(self._engine.dialect.name), part)

    def by_address(self) -> dict[str, list[Seen]]:
        """Everything that was seen, by address."""
        found: dict[str, list[Seen]] = defaultdict(list)
        with self._engine.connect() as connection:
            for row in connection.execution_options(yield_per=2_000).execute(select(sighting)):
                proof = Proof(row.dataset, row.event, row.source)
                found[row.address].append(
                    Seen(Sighting(row.address, row.sign, row.value), row.first, row.last, proof)
                )
        return dict(found)

    def since(self) -> str | None:
        """The first day of which anything was seen; None where nothing was."""
        with self._engine.connect() as connection:
            found: str | None = connection.execute(select(func.min(sighting.c.first))).scalar_one()
            return found


def _row(seen: Seen) -> dict[str, str]:
    address, sign, value = seen.sighting
    return {
        "address": address, "sign": sign, "value": value[:_LONGEST], "first": seen.first, "last": seen.last,
        "dataset": seen.proof.dataset, "event": seen.proof.event, "source": seen.proof.source,
    }  # fmt: skip


def _upsert(dialect: str) -> Any:
    insert: Any = (postgresql if dialect == "postgresql" else sqlite).insert(sighting)
    new, earlier = insert.excluded, insert.excluded.first < sighting.c.first
    return insert.on_conflict_do_update(
        index_elements=["address", "sign", "value"],
        set_={
            **{name: case((earlier, new[name]), else_=sighting.c[name]) for name in _PROVEN},
            "last": case((new.last > sighting.c.last, new.last), else_=sighting.c.last),
        },
    )


_PROVEN: Final = ("first", "dataset", "event", "source")
"""What belongs to the first time."""

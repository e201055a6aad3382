"""What detectors remember, on disk."""

from collections.abc import Mapping

import orjson
from sqlalchemy import Engine, delete, insert, select

from correlation.alerts.tables import detector_state
from correlation.detectors.model import State
from inventory.database import writing


class DetectorBook:
    """The state of all detectors as of one record of the spool."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def read(self) -> tuple[int, Mapping[str, State]]:
        """The last record that the states know of (0: none), and the states by the detectors' names."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(detector_state)).all()
        return max((row.sequence for row in rows), default=0), {row.name: orjson.loads(row.state) for row in rows}

    def write(self, sequence: int, states: Mapping[str, State]) -> None:
        """Put these states in the place of the others, all at once."""
        rows = [
            {"name": name, "sequence": sequence, "state": orjson.dumps(state)} for name, state in states.items()
        ]
        with writing(self._engine) as connection:
            connection.execute(delete(detector_state))
            connection.execute(insert(detector_state), rows)

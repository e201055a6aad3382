"""One event with flat names: for questions that are asked of few events, leaf by leaf."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from correlation.matcher.values import MISSING, flatten
from sensors.event.model import Batch
from sensors.event.times import iso


class FlatEvent(dict[str, Any]):
    """Dotted names and values. A name that only stands above others is there as well, as an object."""

    def get(self, name: str, default: Any = None) -> Any:
        """What stands under a name."""
        found = super().get(name, MISSING)
        if any(other.startswith(f"{name}.") for other in self):
            return {} if found is MISSING else [found, {}]
        return default if found is MISSING else found


def flat(document: Mapping[str, Any]) -> FlatEvent:
    """A document, nested or with dotted keys."""
    return FlatEvent(flatten(document))


def flat_row(batch: Batch, row: int) -> FlatEvent:
    """A row of a batch as rules on our names see it, with its dataset and event time."""
    found: dict[str, Any] = {"event.dataset": batch.dataset, "@timestamp": iso(int(batch.times[row]))}
    found.update(batch.constants)
    for name, column in batch.columns.items():
        value = column[row]
        found[name] = value.item() if isinstance(value, np.generic) else value
    return flat(found)

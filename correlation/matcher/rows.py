"""One row of a batch as a flat event: for questions that are asked of few events, leaf by leaf."""

from typing import Any

import numpy as np

from correlation.matcher.values import flatten
from sensors.event.model import Batch
from sensors.event.times import iso


def flat_row(batch: Batch, row: int) -> dict[str, Any]:
    """The names and values of a row as rules on our names see them, dataset and event time among them."""
    found: dict[str, Any] = {"event.dataset": batch.dataset, "@timestamp": iso(int(batch.times[row]))}
    found.update(batch.constants)
    for name, column in batch.columns.items():
        value = column[row]
        found[name] = value.item() if isinstance(value, np.generic) else value
    return flatten(found)

"""The events of a file as they would be matched: read by the sensors, with what is known about them."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from correlation.ports import Enricher
from sensors.event.model import Batch, Source
from sensors.reading.detection import detect
from sensors.reading.model import Position


def events_of(file: Path, enrichers: Sequence[Enricher] = ()) -> Iterator[Batch]:
    """The batches of a file whose format the sensors know.

    Raises:
        UnknownFormat, UnreadableInput: as in reading.
    """
    reader = detect(file)
    for portion in reader.portions(file, Source("00" * 16, "file", str(file)), Position(), 0):
        for read in portion.batches:
            batch = read
            for enricher in enrichers:
                batch = enricher.enrich(batch)
            yield batch

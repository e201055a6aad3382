"""How Elasticsearch is opened: the edge where sleep and randomness come in."""

import time
from pathlib import Path
from secrets import SystemRandom

from correlation.settings import StoreSettings
from correlation.store.elasticsearch.store import ElasticsearchStore
from sensors.event.times import Clock


def open_store(settings: StoreSettings, _data: Path, _clock: Clock) -> ElasticsearchStore:
    """The store on the cluster that the settings name.

    Raises:
        StoreProblem: the store cannot be opened.
    """
    return ElasticsearchStore(settings.elasticsearch, sleep=time.sleep, jitter=SystemRandom().random)

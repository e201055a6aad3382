"""The stores that the contract is held against, and one real Elasticsearch for the whole run."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from correlation.ports import EventStore
from correlation.settings import ElasticsearchSettings, EmbeddedStoreSettings
from correlation.store.elasticsearch.store import ElasticsearchStore
from correlation.store.embedded.store import EmbeddedStore
from correlation.store.memory import MemoryStore
from tests.correlation.store.events import START
from tests.engines import elasticsearch

_NAMESPACES = itertools.count(1)


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[str]:
    """The address of a real Elasticsearch, one for all workers of the run."""
    lack = elasticsearch.missing()
    if lack is not None:
        pytest.skip(lack)
    base = tmp_path_factory.getbasetemp()
    with elasticsearch.shared(base.parent if worker_id != "master" else base) as url:
        yield url


@pytest.fixture(scope="session")
def new_namespace(worker_id: str) -> Callable[[], str]:
    """Names data streams that no other test uses."""
    return lambda: f"t{worker_id}_{next(_NAMESPACES)}"


@pytest.fixture
def elasticsearch_settings(cluster: str, new_namespace: Callable[[], str]) -> ElasticsearchSettings:
    """Settings with data streams of the test's own."""
    return ElasticsearchSettings(url=(cluster,), namespace=new_namespace())


def open_elasticsearch(settings: ElasticsearchSettings) -> ElasticsearchStore:
    """Open a store that does not wait between attempts."""
    return ElasticsearchStore(settings, sleep=lambda _: None, jitter=lambda: 0.5)


def open_embedded(folder: Path) -> EmbeddedStore:
    """Open a store at the time of the tests."""
    return EmbeddedStore(folder, EmbeddedStoreSettings(memory_bytes=512 << 20), lambda: START)


@pytest.fixture
def new_elasticsearch(elasticsearch_settings: ElasticsearchSettings) -> Iterator[Callable[[], ElasticsearchStore]]:
    """Opens stores on the same data streams, as a process does that starts again."""
    with ExitStack() as opened:
        yield lambda: opened.enter_context(closing(open_elasticsearch(elasticsearch_settings)))


@pytest.fixture
def new_embedded(tmp_path: Path) -> Iterator[Callable[[], EmbeddedStore]]:
    """Opens stores on the same folder, as a process does that starts again."""
    with ExitStack() as opened:
        yield lambda: opened.enter_context(closing(open_embedded(tmp_path / "store")))


STORES = ["memory", "embedded", pytest.param("elasticsearch", marks=pytest.mark.engine)]


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest) -> EventStore:
    """Each store in turn, empty."""
    if request.param == "memory":
        return MemoryStore()
    start: Callable[[], EventStore] = request.getfixturevalue(f"new_{request.param}")
    return start()


@pytest.fixture(params=STORES, scope="module")
def lasting_store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, new_namespace: Callable[[], str]
) -> Iterator[EventStore]:
    """Each store in turn, empty at first and the same for a whole module."""
    if request.param == "memory":
        yield MemoryStore()
    elif request.param == "embedded":
        with closing(open_embedded(tmp_path_factory.mktemp("store"))) as embedded:
            yield embedded
    else:
        settings = ElasticsearchSettings(url=(request.getfixturevalue("cluster"),), namespace=new_namespace())
        with closing(open_elasticsearch(settings)) as remote:
            yield remote

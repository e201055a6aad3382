"""Which store the settings choose."""

import time
from pathlib import Path

import pytest

from correlation.settings import ElasticsearchSettings, EmbeddedStoreSettings, StoreSettings
from correlation.store.elasticsearch.store import ElasticsearchStore
from correlation.store.embedded.store import EmbeddedStore
from correlation.store.errors import StoreReadOnly, StoreRefused, StoreUnwritable
from correlation.store.factory import open_store


def test_the_embedded_store_lives_below_the_data_folder(tmp_path: Path) -> None:
    store = open_store(StoreSettings(), tmp_path, time.time_ns)
    assert isinstance(store, EmbeddedStore)
    assert (tmp_path / "store" / "manifest.sqlite").exists()
    store.close()


def test_the_embedded_store_lives_where_the_settings_say(tmp_path: Path) -> None:
    settings = StoreSettings(embedded=EmbeddedStoreSettings(path=tmp_path / "other" / "place"))
    open_store(settings, tmp_path / "data", time.time_ns).close()
    assert [entry.name for entry in tmp_path.iterdir()] == ["other"]


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises((StoreUnwritable, StoreReadOnly)):
        open_store(StoreSettings(), tmp_path / "file", time.time_ns)


@pytest.mark.engine
def test_elasticsearch(tmp_path: Path, elasticsearch_settings: ElasticsearchSettings) -> None:
    settings = StoreSettings(kind="elasticsearch", elasticsearch=elasticsearch_settings)
    store = open_store(settings, tmp_path, time.time_ns)
    assert isinstance(store, ElasticsearchStore)
    store.close()
    assert list(tmp_path.iterdir()) == []


def test_a_certificate_authority_that_is_missing_is_said(tmp_path: Path) -> None:
    elsewhere = ElasticsearchSettings(url=("https://127.0.0.1:9",), ca=tmp_path / "no.pem", attempts=1)
    with pytest.raises(StoreRefused):
        open_store(StoreSettings(kind="elasticsearch", elasticsearch=elsewhere), tmp_path, time.time_ns)

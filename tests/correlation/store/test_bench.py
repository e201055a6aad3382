"""The benches measure what they say: all events go in, the queries find some, and nothing stays behind."""

from pathlib import Path

import pytest

from correlation.settings import ElasticsearchSettings
from correlation.store.bench import QUERIES, bench_elasticsearch, bench_embedded


def _names(prefix: str) -> set[str]:
    return {f"{prefix}.{label}" for label in (*(label for label, _ in QUERIES), "count", "histogram", "pages", "one")}


def test_the_embedded_store_is_measured(tmp_path: Path) -> None:
    results = {result["bench"]: result for result in bench_embedded(tmp_path, events=12_345)}
    assert results["store.embedded.append"]["events"] == results["store.embedded.compact"]["events"] == 12_345
    assert results.keys() >= _names("store.embedded.appended") | _names("store.embedded.compacted")
    for name in _names(""):
        before, after = (results[f"store.embedded.{kind}{name}"] for kind in ("appended", "compacted"))
        assert before["found"] == after["found"]
    for name in ("rest", "both", "count", "pages", "one"):
        assert results[f"store.embedded.appended.{name}"]["found"] > 0
    assert results["store.embedded.appended.newest"]["found"] == 12_345
    assert list(tmp_path.iterdir()) == []


@pytest.mark.engine
def test_elasticsearch_is_measured(tmp_path: Path, elasticsearch_settings: ElasticsearchSettings) -> None:
    results = {result["bench"]: result for result in bench_elasticsearch(elasticsearch_settings, events=12_345)}
    embedded = {result["bench"]: result for result in bench_embedded(tmp_path, events=12_345)}
    assert results["store.elasticsearch.append"]["events"] == 12_345
    for name in _names(""):
        assert results[f"store.elasticsearch{name}"]["found"] == embedded[f"store.embedded.compacted{name}"]["found"]

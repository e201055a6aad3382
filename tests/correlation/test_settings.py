"""Settings check themselves."""

from typing import Any

import pytest

from correlation.settings import ElasticsearchSettings, EmbeddedStoreSettings


@pytest.mark.parametrize(
    "wrong", [{"keep_days": 0}, {"min_free_bytes": -1}, {"max_bytes": -1}, {"memory_bytes": 1}, {"threads": 0}]
)
def test_embedded(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong)).split("_")[0] + "|query"):
        EmbeddedStoreSettings(**wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": ()}, {"url": ("es:9200",)}, {"keep_days": 0}, {"attempts": 0}, {"timeout_seconds": 0}, {"replicas": -1},
        {"namespace": "Upper"}, {"namespace": "a-b"}, {"namespace": ""}, {"bulk_bytes": 5},
    ],
)  # fmt: skip
def test_elasticsearch(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        ElasticsearchSettings(**wrong)


def test_the_law_is_kept_by_default_and_keys_are_not_shown() -> None:
    assert EmbeddedStoreSettings().keep_days >= 180
    assert ElasticsearchSettings().keep_days >= 180
    assert "secret" not in repr(ElasticsearchSettings(api_key="secret"))

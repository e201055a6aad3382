"""The bench runs on the shared data and finds the same detections cold and warm; its speed is not tested."""

import pytest

from correlation.matcher.bench import bench
from tests.conformance.places import SIGMA

pytestmark = pytest.mark.conformance


def test_bench() -> None:
    found = {result["bench"]: result for result in bench(SIGMA, events=3_000)}
    assert found["matcher.mix"]["rules"] > 2_800
    cold, warm = found["matcher.batches.cold"], found["matcher.batches.warm"]
    assert cold["events"] == 3_000
    assert cold["detections"] == warm["detections"] > 0
    assert found["matcher.documents.cold.with-parsing"]["detections"] == found["matcher.documents.warm"]["detections"]
    assert found["matcher.ratios"]["cold_to_plain"] > 1

"""Evidence as it is made of events."""

from dataclasses import replace

import numpy as np
import orjson

from correlation.alerts.making import Witness
from tests.correlation.matcher.making import make_batch


def test_numbers_of_a_capture_are_numbers_of_json() -> None:
    """Columns are arrays until they have been through the spool; `hanwatch rules test` takes them as they are."""
    batch = make_batch([{"destination.port": 22, "user.name": "x" * 400}])
    arrays = {**batch.columns, "destination.port": np.array([22], dtype=np.int64)}
    proof = Witness(replace(batch, columns=arrays)).evidence(0)
    assert proof.summary == {"destination.port": 22, "user.name": "x" * 300}
    assert orjson.loads(orjson.dumps(proof.summary))["destination.port"] == 22

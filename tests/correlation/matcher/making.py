"""Rules and batches for tests, made from plain data."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import yaml

from correlation.rules.documents import parse
from correlation.rules.model import Rule
from sensors.event.model import Batch, Source
from sensors.event.times import SECOND

NOON = 1_764_590_400 * SECOND  # 2025-12-01T12:00:00Z


def rule_document(detection: Mapping[str, Any], title: str = "made", **logsource: str) -> dict[str, Any]:
    return {"title": title, "logsource": logsource or {"product": "hanwatch"}, "detection": dict(detection)}


def make_rule(detection: Mapping[str, Any], title: str = "made", **logsource: str) -> Rule:
    text = yaml.safe_dump(rule_document(detection, title, **logsource), sort_keys=False, allow_unicode=True)
    rules, problems = parse(text, f"{title}.yml")
    assert not problems, problems
    return rules[0]


def make_batch(
    rows: Sequence[Mapping[str, Any]],
    dataset: str = "test.events",
    constants: Mapping[str, Any] | None = None,
) -> Batch:
    """A batch of rows that all have the same keys."""
    names = list(rows[0])
    return Batch(
        dataset=dataset,
        source=Source("00" * 16, "file", "made"),
        received=NOON,
        times=np.arange(NOON, NOON + len(rows) * SECOND, SECOND, dtype=np.int64),
        ids=[f"{row:032x}" for row in range(len(rows))],
        ordinals=np.arange(1, len(rows) + 1, dtype=np.int64),
        constants=constants or {},
        columns={name: [row[name] for row in rows] for name in names},
    )

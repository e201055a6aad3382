"""An audit of a tiny city to be put into words; the values are made, no database is needed."""

from collections.abc import Mapping
from typing import Any

import pytest

from inventory.audits.rules import AUDITS
from inventory.audits.service import Asked, Audited, audited
from inventory.model import Moment
from tests.inventory.audits.fakes import Given

HOSTILE = '=cmd|"/c calc"!A1 <script>alert(1)</script> #emph[x] 系统'
CITY: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "districts": {"d1": {"code": "420102", "name": "江岸区"}},
    "units": {"u1": {"code": "U1", "name": "市局", "district": "d1", "leader": "张三", "level": "city"}},
    "systems": {
        "s1": {
            "code": "S1", "name": HOSTILE, "unit": "u1", "state": "running", "migration": "migrated",
            "hosting": "own_room", "running_since": "2020-01-01",
        },
        "s2": {"code": "=S2", "name": "二", "unit": "u1", "state": "running", "mlps_grade": 3},
    },
    "cloud_platforms": {"p1": {"code": "P1", "name": "武汉云", "kind": "city", "cores": 5}},
}  # fmt: skip


@pytest.fixture
def found() -> Audited:
    known: Any = Given(CITY)
    return audited(known, Asked(AUDITS, "2026-09-30", Moment(1_790_000_000_000_000_000)))

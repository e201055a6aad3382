"""The plan of addresses behind the samples of `hanwatch run --demo`: who the synthetic city's networks belong to.

With it the demonstration shows what rules, incidents and posture know of units, tenants and critical systems.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml

from cli.settings import FILE_NAME

PLAN_NAME: Final = "synthetic-plan.yml"
_SAID: Final = (
    "# Synthetic: written by `hanwatch run --demo` for its samples. Nothing here is of a real city:\n"
    "# take it out of a data folder that gets anything real.\n"
)
_CITY: Final[tuple[dict[str, Any], ...]] = (
    {"network": "10.20.0.0/16", "unit": "synthetic data bureau", "domain": "extranet"},
    {"network": "10.20.0.80", "asset": "synthetic-portal", "system": "portal", "grade": 3},
    {"network": "10.20.0.53", "asset": "synthetic-resolver", "system": "name service", "grade": 2},
    {"network": "10.30.0.0/16", "unit": "synthetic water works", "domain": "ot"},
    {"network": "10.30.0.10", "asset": "synthetic-controller", "system": "pumping", "grade": 3, "cii": True},
    {"network": "10.40.0.0/16", "unit": "synthetic education bureau", "domain": "extranet"},
    {"network": "10.40.0.25", "asset": "synthetic-oa", "system": "office automation", "grade": 2},
    {"network": "10.50.0.0/16", "unit": "synthetic camera network", "domain": "iot"},
    {"host": "synthetic-cloud-host-03", "unit": "synthetic tenant A", "domain": "tenant", "system": "cloud portal"},
    {"host": "synthetic-cloud-host-04", "unit": "synthetic tenant B", "domain": "tenant", "system": "archive"},
)
"""What the samples meet, and two that nothing tells of: a camera network and a tenant's host."""


def write_plan(data: Path) -> Path | None:
    """Write the plan into the data folder, and settings that name it; nothing where there are settings already.

    Returns:
        The plan's file, where it was written.
    """
    settings = data / FILE_NAME
    if settings.exists():
        return None
    plan = data / PLAN_NAME
    entries = yaml.safe_dump({"entries": list(_entries())}, sort_keys=False)
    plan.write_text(_SAID + entries, encoding="utf-8")
    named = yaml.safe_dump({"context": {"files": [str(plan.absolute())]}})
    # Settings come into being whole: a role that starts beside this reads all of them or none.
    new = settings.with_suffix(".new")
    new.write_text(_SAID + named, encoding="utf-8")
    new.replace(settings)
    return plan


def _entries() -> Iterator[dict[str, Any]]:
    for number in range(1, 16):
        district = f"synthetic district {number:02}"
        yield {"network": f"10.{number}.0.0/16", "district": district, "domain": "extranet"}
        yield {"network": f"10.{number}.2.0/24", "unit": f"synthetic service hall {number:02}"}
        yield {"network": f"10.{number}.7.0/24", "unit": f"synthetic clinic {number:02}"}
    yield from _CITY

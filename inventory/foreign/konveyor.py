"""Applications as Konveyor imports them: CSV with a record type, 1 for an application and 2 for a dependency.

konveyor.io/docs/konveyor/installation-and-setup/hub (Importing applications), and the samples of its user interface: an
application depends on what is `southbound` of it, what is `northbound` depends on it. Headings of tags changed from
Tag Type to Tag Category; both are read.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from inventory.errors import InventoryProblem
from inventory.foreign.errors import ForeignEntryUnusable
from inventory.foreign.model import Assumed, Format, Found, Proposal
from inventory.foreign.tables import headings_of, table_rows
from inventory.sheets.headings import folded
from inventory.sheets.model import Row
from sensors.errors import Place

_TAGS: Final = 20
COLUMNS: Final = {
    "Record Type 1": "type", "Application Name": "name", "Description": "description", "Comments": "comments",
    "Business Service": "service", "Dependency": "dependency", "Dependency Direction": "direction", "Owner": "owner",
    **{f"Tag Category {number}": f"category {number}" for number in range(1, _TAGS + 1)},
    **{f"Tag Type {number}": f"category {number}" for number in range(1, _TAGS + 1)},
    **{f"Tag {number}": f"tag {number}" for number in range(1, _TAGS + 1)},
}  # fmt: skip
_TOLD_BY: Final = frozenset({folded("Record Type 1"), folded("Application Name")})
_APPLICATION, _DEPENDENCY = "1", "2"


@dataclass(slots=True)
class _Gathered:
    """Applications and dependencies, which come in any order and need each other."""

    applications: dict[str, Row] = field(default_factory=dict)
    dependencies: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    places: dict[str, Place] = field(default_factory=dict)


def read_applications(path: Path, assumed: Assumed) -> Iterator[Found]:
    """Systems with what they depend on, one row for each application.

    Applications that are named by dependencies alone are left to the register, which may have them.
    """
    gathered = _Gathered()
    for row in table_rows(path, COLUMNS):
        if isinstance(row, Row):
            yield from _gather(row, gathered)
        else:
            yield row
    for name, row in gathered.applications.items():
        yield _system(name, row.place, gathered, assumed, row)
    for name, place in gathered.places.items():
        if name not in gathered.applications and gathered.dependencies.get(name):
            yield _system(name, place, gathered, assumed, None)


def _gather(row: Row, gathered: _Gathered) -> Iterator[InventoryProblem]:
    cells = row.cells
    name, kind = cells.get("name", ""), cells.get("type", "")
    reason = ""
    if not name:
        reason = "foreign-no-name"
    elif kind == _APPLICATION:
        if name in gathered.applications:
            reason = "foreign-twice"
        else:
            gathered.applications[name] = row
    elif kind == _DEPENDENCY:
        other, direction = cells.get("dependency", ""), cells.get("direction", "").casefold()
        if not other or direction not in {"southbound", "northbound"}:
            reason = "foreign-dependency"
        else:
            above, below = (name, other) if direction == "southbound" else (other, name)
            gathered.dependencies[above].append(below)
            gathered.places.setdefault(above, row.place)
    else:
        reason = "foreign-record-type"
    if reason:
        yield ForeignEntryUnusable(place=row.place, value=name or kind, reason=reason)


def _system(name: str, place: Place, gathered: _Gathered, assumed: Assumed, row: Row | None) -> Proposal:
    said = row.cells if row is not None else {}
    cells = {
        "code": name,
        "name": name,
        "owner": said.get("owner", ""),
        "note": said.get("description", ""),
        "depends_on": "; ".join(dict.fromkeys(gathered.dependencies.get(name, ()))),
    }
    tags = {
        said[f"category {number}"]: said[f"tag {number}"]
        for number in range(1, _TAGS + 1)
        if said.get(f"category {number}") and said.get(f"tag {number}")
    }
    if said.get("service"):
        tags["Business Service"] = said["service"]
    return Proposal("systems", place, assumed.completed("systems", cells), evidence=tags)


APPLICATIONS: Final = Format(
    "konveyor-applications",
    lambda head: headings_of(head) >= _TOLD_BY,
    read_applications,
    "samples of github.com/konveyor/tackle2-ui (app_import), Apache-2.0",
)

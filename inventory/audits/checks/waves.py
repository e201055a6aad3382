"""In which order systems go to the cloud: nothing before what it depends on, unless both go together.

The graph of dependencies is cut into its strongly connected components, which go in one wave each; the first wave is
what depends on nothing that still has to go, each later one depends on those before it.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

import networkx as nx

from inventory.audits.landscape import Landscape
from inventory.audits.model import Hit, Rule

_MOVING: Final = frozenset({"running", "building", "suspended", None})


@dataclass(frozen=True, slots=True)
class Waves:
    """Rows of systems by wave, in order; and those that depend on each other in a circle."""

    waves: tuple[tuple[int, ...], ...]
    circles: tuple[tuple[int, ...], ...]


def to_move(land: Landscape, clouds: Collection[str]) -> list[int]:
    """The systems that still have to go to a cloud: neither classified nor exempt, nor there already."""
    table = land.table("systems")
    columns = (table.column(key) for key in ("state", "classified", "hosting", "migration"))
    return [
        row
        for row, (state, classified, hosting, stage) in enumerate(zip(*columns, strict=True))
        if state in _MOVING and classified is not True and hosting not in clouds and stage != "exempt"
    ]


def waves(land: Landscape, clouds: Collection[str]) -> Waves:
    """The waves in which systems go; within a wave they stand in the order of their codes."""
    table = land.table("systems")
    moving = frozenset(to_move(land, clouds))
    lists, codes = table.column("depends_on"), table.column("code")
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(sorted(moving))
    for row in moving:
        for id_ in lists[row] or ():
            other = table.rows.get(id_)
            if other in moving and other is not None and other != row:
                # From what is needed to what needs it.
                graph.add_edge(other, row)
    together = nx.condensation(graph)
    members: dict[int, set[int]] = {node: together.nodes[node]["members"] for node in together}
    ordered = [
        tuple(sorted((row for one in layer for row in members[one]), key=lambda row: str(codes[row])))
        for layer in nx.topological_generations(together)
    ]
    circles = sorted(
        tuple(sorted(rows, key=lambda row: str(codes[row]))) for rows in members.values() if len(rows) > 1
    )
    return Waves(tuple(ordered), tuple(circles))


def circles(land: Landscape, rule: Rule) -> Iterator[Hit]:
    """Systems that can only be migrated together, told once for each circle."""
    for rows in waves(land, rule.parameters["clouds"]).circles:
        codes = [land.key("systems", row) for row in rows]
        yield Hit("systems", rows[0], " ".join(codes), {"systems": codes[:20], "number": len(codes)})

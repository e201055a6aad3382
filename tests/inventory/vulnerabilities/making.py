"""Values of vulnerabilities for tests; everything is synthetic."""

from pathlib import Path
from typing import Any

from inventory.vulnerabilities.cpe import parse
from inventory.vulnerabilities.formats.registry import read_file
from inventory.vulnerabilities.model import (
    Advisory,
    Configuration,
    Coverage,
    CpeMatch,
    Item,
    Node,
    ScanFinding,
)
from sensors.errors import Problem
from sensors.event.times import from_iso

DATA = Path(__file__).parents[2] / "data/inventory/vulnerabilities"
NOON = from_iso("2026-11-30T12:00:00Z")


def items(name: str) -> list[Item]:
    return list(read_file(DATA / name))


def findings(read: list[Item]) -> list[ScanFinding]:
    return [one for one in read if isinstance(one, ScanFinding)]


def advisories(read: list[Item]) -> list[Advisory]:
    return [one for one in read if isinstance(one, Advisory)]


def coverage(read: list[Item]) -> list[Coverage]:
    return [one for one in read if isinstance(one, Coverage)]


def reasons(read: list[Item]) -> list[str]:
    return [str(one.parameters.get("reason")) for one in read if isinstance(one, Problem)]


def criterion(text: str, **more: Any) -> CpeMatch:
    return CpeMatch(parse(text), **more)


def advisory(name: str, *matches: CpeMatch, **more: Any) -> Advisory:
    return Advisory(name, "nvd", (name,), configurations=(Configuration((Node("OR", matches),)),), **more)

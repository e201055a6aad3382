"""The shared Sigma data: SigmaHQ's rules as the oracle and the product read them, and the events of all EVTX files."""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import yaml
from evtx import PyEvtxParser
from sigma.exceptions import SigmaError
from sigma.rule import SigmaRule
from sigma.rule.base import SigmaYAMLLoader

from correlation.rules.loading import load_rules
from correlation.rules.model import Rule
from tests.conformance.places import SIGMA, SIGMAHQ
from tests.correlation.matcher.oracle import read

REGRESSION = SIGMAHQ / "regression_data"


def rule_folders() -> list[Path]:
    return sorted(SIGMAHQ.glob("rules*"))


@cache
def product_rules() -> tuple[Rule, ...]:
    return tuple(load_rules(rule_folders())[0])


@cache
def oracle_rules() -> Mapping[str, SigmaRule]:
    """SigmaHQ's rules by id, as pySigma reads them."""
    found = {}
    for folder in rule_folders():
        for path in sorted(folder.rglob("*.yml")):
            try:
                rule = read(yaml.load(path.read_text(encoding="utf-8"), SigmaYAMLLoader))
            except SigmaError:
                continue
            found[str(rule.id)] = rule
    return found


def evtx_files() -> list[Path]:
    return sorted(path for path in SIGMA.rglob("*") if path.suffix.lower() == ".evtx")


def raw_events(path: Path) -> Iterator[dict[str, Any]]:
    """Events as most Sigma tools flatten them: Channel, EventID and the data's names side by side."""
    for record in PyEvtxParser(str(path)).records_json():
        event = orjson.loads(record["data"])["Event"]
        system = event["System"]
        flat = {name: system[name] for name in ("Channel", "Computer", "Level", "Task", "Keywords") if name in system}
        flat["EventID"] = _text(system["EventID"])
        flat["Provider_Name"] = system.get("Provider", {}).get("#attributes", {}).get("Name")
        user = {
            name: value
            for part in (event.get("UserData") or {}).values()
            if isinstance(part, dict)
            for name, value in part.items()
        }
        for name, value in {**user, **(event.get("EventData") or {})}.items():
            if name != "#attributes":
                flat.setdefault(name, _text(value))
        yield flat


def _text(value: Any) -> Any:
    return value["#text"] if isinstance(value, dict) and "#text" in value else value

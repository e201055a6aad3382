"""Every correlation of the pack: documented, firing on its sample through the real sensors, silent on the near miss."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from correlation.alerts.making import Witness
from correlation.matcher.engine import Matcher
from correlation.rules.condition import leaves
from correlation.rules.loading import Loaded, load_rules
from correlation.rules.logsources import routes
from correlation.rules.model import Correlation
from correlation.windows.engine import Windows
from correlation.windows.model import Finding
from correlation.windows.sensing import Sensing
from sensors.event.fields import fields
from sensors.event.model import Source
from sensors.reading.detection import detect
from sensors.reading.model import Position

FOLDER = Path(__file__).parents[3] / "correlation" / "pack" / "correlated"
EVERYDAY = FOLDER / "everyday.yml"
"""Rules that several correlations look at."""
FILES = sorted(path for path in FOLDER.glob("*.yml") if path != EVERYDAY)
NAMES = [path.stem for path in FILES]
LEAST = 15


@cache
def loaded(path: Path) -> Loaded:
    found = load_rules([path, EVERYDAY])
    assert not found.problems
    return found


def documents(path: Path) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(path.read_text(encoding="utf-8")))


def main(path: Path) -> Correlation:
    """The correlation that the file is named after."""
    (found,) = (one for one in loaded(path).correlations if one.name == path.stem)
    return found


def run(path: Path, kind: str) -> tuple[int, list[Finding]]:
    """How many events a sample has, and what the file's correlations find in it."""
    (file,) = path.with_suffix("").glob(f"{kind}.*")
    windows = Windows(loaded(path).correlations, None)
    sensing, matcher = Sensing(windows.plan), Matcher(loaded(path).rules)
    events = 0
    for portion in detect(file).portions(file, Source("00" * 16, "file", file.name), Position(), 0):
        assert not portion.rejects
        for batch in portion.batches:
            events += len(batch)
            for match in matcher.match(batch):
                proof = Witness(batch).evidence(match.row)
                told = [sensing.signal(rule, batch, match.row, proof) for rule in match.rules]
                assert not list(windows.take([signal for signal in told if signal], 0))
    return events, list(windows.settle())


def test_there_are_as_many_as_were_promised() -> None:
    assert len(FILES) >= LEAST


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_fires_once_on_its_sample(path: Path) -> None:
    events, found = run(path, "fires")
    assert events > 0
    assert [one.correlation.name for one in found if one.correlation.name == path.stem] == [path.stem]
    assert found[-1].evidence


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_is_silent_on_the_near_miss(path: Path) -> None:
    events, found = run(path, "silent")
    assert events > 0
    assert path.stem not in {one.correlation.name for one in found}


def test_what_is_everyday_is_looked_at_and_never_told_by_itself() -> None:
    everything = load_rules([FOLDER])
    assert not everything.problems
    assert everything.telling == []
    assert {said["level"] for said in documents(EVERYDAY)} == {"informational"}


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_says_what_a_correlation_of_the_pack_must_say(path: Path) -> None:
    for said in documents(path):
        assert said["title"].isascii()
        assert (said["status"], said["author"]) == ("test", "hanwatch")
        assert said["name"].startswith(path.stem)
        if "correlation" not in said:
            assert said["level"] == "informational", "it is never told by itself"
            continue
        own = said["hanwatch"]
        assert re.search(r"[\u4e00-\u9fff]", own["title_zh"])
        assert re.search(r"[\u4e00-\u9fff]", own["situation_zh"])
        assert bool(own.get("evidence")) != (own.get("verified") is False), "evidence, or `verified: false`, not both"
        assert said["falsepositives"]
        assert all(text.startswith("https://") for text in said["references"])
    assert main(path).tactics
    assert main(path).techniques


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_asks_for_fields_that_the_sensors_set(path: Path) -> None:
    declared = set(fields())
    open_prefixes = tuple(name[:-1] for name in declared if name.endswith(".*"))
    ways = [route for rule in loaded(path).rules for route in routes(rule.logsource)]
    asked = {getattr(leaf, "field", None) for rule in loaded(path).rules for leaf in leaves(rule.condition)}
    for one in loaded(path).correlations:
        asked |= {*one.group_by, *(one.threshold.fields if one.threshold else ())}
    for name in asked:
        assert name is not None
        places = {name, *(route.names(name) for route in ways)}
        assert any(place in declared or place.startswith(open_prefixes) for place in places), name


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_samples_are_synthetic_and_small(path: Path) -> None:
    for file in path.with_suffix("").iterdir():
        text = file.read_text(encoding="utf-8")
        assert len(text) < 12_000
        for address in re.findall(r"\d+\.\d+\.\d+\.\d+", text):
            assert address.startswith(("10.", "203.0.113.", "198.51.100.")), address

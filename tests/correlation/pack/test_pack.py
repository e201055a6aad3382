"""Every rule of the pack: sound, documented, firing on its sample through the real sensors, silent on the near miss."""

import ipaddress
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from sigma.collection import SigmaCollection
from sigma.validation import SigmaValidator
from sigma.validators import core

from correlation.context.enriching import Context
from correlation.context.loading import load_context
from correlation.context.table import Table
from correlation.matcher.engine import Matcher
from correlation.rules.condition import Contains, EndsWith, Present, StartsWith, leaves
from correlation.rules.loading import load_rules
from correlation.rules.model import TACTICS, Rule
from sensors.event.fields import fields
from sensors.event.model import Batch, Source
from sensors.reading.detection import detect
from sensors.reading.model import Position

PACK = Path(__file__).parents[3] / "correlation" / "pack"
FILES = sorted(path for path in PACK.rglob("*.yml") if path.parent.name != "correlated")
LEAST = {"extranet": 14, "cloud": 12, "industrial": 10}
IDS = [f"{path.parent.name}/{path.stem}" for path in FILES]
KINDS = {".json", ".jsonl", ".log"}
OWN_KEYS = {"title_zh", "situation_zh", "evidence", "verified", "adapt"}

VALIDATORS = (
    "all_of_them_condition", "cartag", "control_character", "custom_attributes", "cvetag", "dangling_condition",
    "dangling_detection", "detection_tag", "double_wildcard", "duplicate_filename", "duplicate_references",
    "duplicate_tag", "duplicate_title", "fieldname_logsource", "filename_length", "identifier_existence",
    "identifier_uniqueness", "invalid_modifier_combinations", "namespace_tag", "number_as_string",
    "specific_instead_of_generic_logsource", "stptag", "tag_format", "them_condition_with_single_detection", "tlptag",
    "wildcards_instead_of_modifiers",
)  # fmt: skip
"""pySigma's own checks. Left out: ATT&CK and D3FEND tags (they fetch their lists over the network; the shape of tags is
tested below) and escaped wildcards (a question mark after `.jsp` is meant as one)."""

ALSO_FIRES: dict[str, set[str]] = {}
"""Rules that rightly match another rule's silent sample, by the sample's rule; none so far."""

DOCUMENTATION = [ipaddress.ip_network(text) for text in (
    "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32",  # RFC 5737, RFC 3849
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8", "fc00::/7", "fe80::/10",
    "59.255.0.0/16",  # the extranet's backbone, not routed on the Internet
)]  # fmt: skip
PUBLIC = {"223.5.5.5", "2400:3200::1"}
"""Addresses of public resolvers that a rule is about."""


@cache
def pack() -> dict[Path, Rule]:
    rules, problems, _ = load_rules([PACK])
    assert not problems
    return {Path(rule.path): rule for rule in rules if Path(rule.path) in FILES}


@cache
def matcher() -> Matcher:
    return Matcher(list(pack().values()))


@cache
def context() -> Context:
    """What all samples say of their addresses: no rule of the pack may mind what another's sample knows."""
    loaded = load_context(sorted(PACK.rglob("context.csv")))
    assert not loaded.problems
    return Context(Table(loaded.entries), loaded.spaces)


@cache
def document(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded


def sample(path: Path, kind: str) -> Path:
    (found,) = path.with_suffix("").glob(f"{kind}.*")
    return found


def batches(path: Path) -> Iterator[Batch]:
    """The events of a sample as they are matched: its format is detected, nothing is rejected, context is added."""
    for portion in detect(path).portions(path, Source("00" * 16, "file", path.name), Position(), 0):
        assert not portion.rejects
        yield from map(context().enrich, portion.batches)


def matches(path: Path) -> tuple[int, list[set[str]]]:
    """How many events a sample has, and for each that any rule matches, the ids of the rules."""
    events, found = 0, []
    for batch in batches(path):
        events += len(batch)
        found += [{rule.id for rule in match.rules} for match in matcher().match(batch)]
    return events, found


def records(path: Path) -> int:
    """How many records a sample holds by its text alone."""
    return sum(bool(line.strip()) and not line.startswith("#") for line in path.read_text("utf-8").splitlines())


def test_each_room_has_its_share_of_the_rules() -> None:
    rooms = [path.parent.name for path in FILES]
    assert set(rooms) == set(LEAST)
    assert all(rooms.count(room) >= least for room, least in LEAST.items())


def test_all_load_and_are_routed() -> None:
    assert sorted(pack()) == FILES
    assert [rule.title for rule in pack().values() if not rule.routable] == []


def test_ids_and_titles_are_unique_in_both_languages() -> None:
    for key in ("id", "title"):
        values = [document(path)[key] for path in FILES]
        assert len(set(values)) == len(values)
    chinese = [document(path)["hanwatch"]["title_zh"] for path in FILES]
    assert len(set(chinese)) == len(chinese)


def test_pysigma_finds_nothing_to_say() -> None:
    chosen = {core.validators[name] for name in VALIDATORS}
    rules: Any = SigmaCollection.load_ruleset(FILES)
    issues = list(SigmaValidator(chosen).validate_rules(rules))
    assert [f"{type(issue).__name__}: {[str(rule.title) for rule in issue.rules]}" for issue in issues] == []


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_says_what_a_rule_of_the_pack_must_say(path: Path) -> None:
    rule, own = document(path), document(path)["hanwatch"]
    assert set(own) <= OWN_KEYS
    assert re.search(r"[\u4e00-\u9fff]", own["title_zh"])
    assert re.search(r"[\u4e00-\u9fff]", own["situation_zh"])
    assert bool(own.get("evidence")) != (own.get("verified") is False), "evidence, or `verified: false`, not both"
    assert rule["title"].isascii()
    assert len(rule["description"]) > 60
    assert rule["falsepositives"]
    assert all(len(text) > 8 or text == "None known" for text in rule["falsepositives"])
    assert rule["references"]
    assert all(text.startswith(("https://", "http://")) for text in rule["references"])
    assert rule["status"] == "test"
    assert rule["author"] == "hanwatch"
    assert rule["level"] in ("low", "medium", "high", "critical")


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_names_tactic_and_technique_of_the_right_matrix(path: Path) -> None:
    rule = pack()[path]
    assert rule.tactics
    assert rule.techniques
    assert all(re.fullmatch(r"T(0\d{3}|1\d{3}(\.\d{3})?)", name) for name in rule.techniques)
    others = [tag for tag in rule.tags if tag.removeprefix("attack.") not in TACTICS and "attack.t" not in tag]
    assert all(re.fullmatch(r"cve\.\d{4}-\d{4,}", tag) for tag in others)
    if path.parent.name != "industrial":
        assert not any(name.startswith("T0") for name in rule.techniques)


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_asks_for_fields_that_the_sensors_set(path: Path) -> None:
    source = pack()[path].logsource
    if source.product != "hanwatch" and source.service != "netflow":
        return  # Sigma's names, which correlation/rules/logsources.yml maps to ours
    declared = set(fields())
    open_prefixes = tuple(name[:-1] for name in declared if name.endswith(".*"))
    for leaf in leaves(pack()[path].condition):
        name = getattr(leaf, "field", None)
        assert name is not None, "a word without a field is too broad for a city's traffic"
        assert name in declared or name.startswith(open_prefixes), name


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_fires_on_every_event_of_its_sample(path: Path) -> None:
    fires = sample(path, "fires")
    events, found = matches(fires)
    assert events == records(fires) > 0
    assert len(found) == events
    assert all(pack()[path].id in ids for ids in found)


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_no_rule_fires_on_the_near_miss(path: Path) -> None:
    silent = sample(path, "silent")
    events, found = matches(silent)
    assert events == records(silent) > 0
    names = {rule.id: Path(rule.path).stem for rule in pack().values()}
    assert {names[rule] for ids in found for rule in ids} == ALSO_FIRES.get(path.stem, set())


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_the_near_miss_is_of_the_same_kind(path: Path) -> None:
    fired = {batch.dataset for batch in batches(sample(path, "fires"))}
    assert fired & {batch.dataset for batch in batches(sample(path, "silent"))}


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_samples_are_synthetic_and_say_so(path: Path) -> None:
    for kind in ("fires", "silent"):
        text = sample(path, kind).read_text(encoding="utf-8")
        assert sample(path, kind).suffix in KINDS
        assert len(text) < 4_000
        for batch in batches(sample(path, kind)):
            for name in ("source.ip", "destination.ip", "winlog.event_data.IpAddress"):
                for value in batch.columns.get(name, [batch.constants.get(name)]):
                    assert value in (None, *PUBLIC) or any(
                        ipaddress.ip_address(value) in network for network in DOCUMENTATION
                    ), value
    both = "".join(sample(path, kind).read_text(encoding="utf-8") for kind in ("fires", "silent"))
    assert "synthetic" in both.lower()


def test_only_rules_and_samples_lie_in_the_pack() -> None:
    strangers = [
        found
        for found in PACK.rglob("*")
        if found.is_file()
        and found.suffix not in (".py", ".pyc")
        and not (found.suffix == ".yml" and found.parent.parent == PACK)
        and not (found.stem in ("fires", "silent", "context") and found.parent.with_suffix(".yml").is_file())
    ]
    assert strangers == []


def test_no_pattern_is_nearly_everything() -> None:
    patterns = {
        leaf.value for rule in pack().values() for leaf in leaves(rule.condition)
        if isinstance(leaf, Contains | StartsWith | EndsWith)
    }  # fmt: skip
    assert {value for value in patterns if len(value) < 3} == {"@"}  # what anonymous users give FTP as a password
    for rule in pack().values():
        assert not any(isinstance(leaf, Present) for leaf in leaves(rule.condition)), rule.title

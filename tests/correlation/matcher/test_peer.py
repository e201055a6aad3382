"""The peer gets the rules and events that our own routing would bring together, and its figures are read rightly."""

import stat
from pathlib import Path

import pytest
import yaml

from correlation.matcher import peer as module
from correlation.matcher.peer import Peer
from correlation.rules.loading import load_rules
from correlation.rules.model import Rule
from tests.correlation.matcher.making import rule_document
from tests.correlation.matcher.test_mix import EVENTS

SOURCES = [{"category": "process_creation"}, {"service": "system"}, {"category": "registry_event"}, {}]


@pytest.fixture
def rules(tmp_path: Path) -> list[Rule]:
    folder = tmp_path / "rules"
    folder.mkdir()
    for number, source in enumerate(SOURCES):
        document = rule_document({"s": {"A": "x"}, "condition": "s"}, f"r{number}", product="windows", **source)
        (folder / f"{number}.yml").write_text(yaml.safe_dump(document))
    return load_rules([folder])[0]


def test_rules_are_routed_to_the_kinds_there_are(rules: list[Rule]) -> None:
    security = {"Channel": "Security", "EventID": "4688"}
    with Peer("none", rules, [*EVENTS, security]) as other:
        files = [yaml.safe_load(path.read_text()) for path in sorted(other._rules.iterdir())]
    sysmon = "microsoft-windows-sysmon/operational"
    found = [(file["title"], file["logsource"].get("service"), file["logsource"].get("category")) for file in files]
    assert sorted(found, key=str) == sorted([
        ("r0", sysmon, "1"), ("r0", "security", "4688"), ("r1", "system", None), ("r3", None, None),
    ], key=str)


def test_events_say_their_kind_and_creations_use_the_rules_names() -> None:
    event = module._labelled({"Channel": "Security", "EventID": "4688", "NewProcessName": "a.exe"})
    assert event == {
        "Channel": "Security", "EventID": "4688", "Image": "a.exe",
        "product": "windows", "service": "security", "category": "4688",
    }


def test_the_start_is_taken_off(rules: list[Rule], tmp_path: Path) -> None:
    program = tmp_path / "peer"
    # Works for 0.2 seconds to start and, where there are several events, as long again, but not at all where there is
    # but one rule; says a line for each event.
    program.write_text("""#!/usr/bin/env python3
import os, sys, time
path = sys.argv[sys.argv.index("-e") + 1][1:]
lines = open(path).read().splitlines()
rules = os.listdir(sys.argv[sys.argv.index("-r") + 1])
end = time.process_time() + (0 if len(rules) == 1 else 0.2 if len(lines) == 1 else 0.4)
while time.process_time() < end:
    pass
print("\\n".join(lines))
""")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    with Peer(str(program), rules, EVENTS) as other:
        seconds, start, found = other.measure(EVENTS)
        reading = other.reading(EVENTS)
    assert seconds == pytest.approx(0.2, abs=0.15)
    assert start >= 0.2
    assert 0 < reading < start
    assert found == len(EVENTS)

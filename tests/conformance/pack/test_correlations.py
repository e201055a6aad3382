"""How often correlations of the pack and detectors fire on public logs and captures that were not made as attacks.

Every file is a network of its own, since captures of many years and places read as one would show things that nobody
did. Run with `-s` to see the table; docs/conformance.md has its figures. Files that do hold what a correlation or a
detector is about are named below and left out of its count.
"""

import re
import sys
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

from correlation.alerts.making import Witness
from correlation.detectors.places import Places
from correlation.detectors.reading import Reading
from correlation.detectors.registry import DETECTORS, Ground
from correlation.matcher.engine import Matcher
from correlation.rules.loading import Loaded, load_rules
from correlation.rules.logsources import routes
from correlation.rules.model import Rule
from correlation.settings import PRIVATE
from correlation.windows.engine import Windows
from correlation.windows.sensing import Sensing
from sensors.event.model import Batch
from sensors.event.times import SECOND
from tests.conformance.pack.material import PACK, material

pytestmark = pytest.mark.conformance

PAGE = Path(__file__).parents[3] / "docs" / "conformance.md"
GUESSED = {"OpenSSH/OpenSSH_2k.log", "test/secure-rhel7.log"}  # two servers on the Internet, and who guesses there
TRUE: dict[str, set[str]] = {
    "dns_names_by_the_dozen": {"pcap/bad-dns-traffic.pcap"},  # dnscat2
    "dns_tunnel": {"bug-1158/input.pcap", "pcap/bad-dns-traffic.pcap", "pcap/dns-tunnel-iodine.pcap"},
    "host_scan": {"pcap/gnutella.pcap"},  # a program for sharing files that looks for its peers
    "new_master": {"dnp3/dnp3.pcap"},  # a week later another master controls the device
    "port_scan": {"pcap/synscan.pcap"},
    "portal_probed_then_posted_probing": {"http-protocol-nodup/input.pcap"},  # Nikto
    "scan_of_ports": {"pcap/synscan.pcap"},
    "ssh_password_guessed_tries": GUESSED,
    "ssh_password_guessing": GUESSED,
    "ssh_password_spraying": {"OpenSSH/OpenSSH_2k.log"},
}
"""Correlations and detectors, and the files on which they are right."""
LEARNING = 168 * 3_600 * SECOND
MILLION = 1_000_000


@dataclass
class Tally:
    """Events by file and dataset; alerts by who gave them and by file."""

    events: dict[str, Counter[str]] = field(default_factory=dict)
    alerts: dict[str, Counter[str]] = field(default_factory=dict)

    def alert(self, name: str, file: str) -> None:
        self.alerts.setdefault(name, Counter())[file] += 1


@cache
def pack() -> Loaded:
    return load_rules([PACK])


@cache
def tally() -> Tally:
    found, matcher = Tally(), Matcher(pack().rules)
    for file, batches in material():
        count = found.events.setdefault(file, Counter())
        for batch in batches:
            count[batch.dataset] += len(batch)
        for name in correlated(matcher, batches):
            found.alert(name, file)
        for name in detected(batches):
            found.alert(name, file)
    return found


def correlated(matcher: Matcher, batches: list[Batch]) -> list[str]:
    """The names of what came true in a file."""
    windows = Windows(pack().correlations, None)
    sensing = Sensing(windows.plan)
    for batch in batches:
        witness, signals = Witness(batch), []
        for match in matcher.match(batch):
            proof = witness.evidence(match.row)
            told = (sensing.signal(rule, batch, match.row, proof) for rule in match.rules)
            signals += [one for one in told if one is not None]
        windows.take(signals, 0)
    return [one.correlation.name for one in windows.settle()]


def detected(batches: list[Batch]) -> list[str]:
    ground = Ground(Places(PRIVATE), LEARNING)
    detectors = {name: made(ground) for name, made in DETECTORS.items()}
    return [
        name
        for reading in map(Reading, batches)
        for name, detector in detectors.items() if reading.batch.dataset in detector.datasets
        for _ in detector.look(reading)
    ]  # fmt: skip


def looks_at(name: str, dataset: str) -> bool:
    """Whether a detector, or a rule below a correlation, sees the events of a dataset."""
    if name in DETECTORS:
        return dataset in DETECTORS[name](Ground(Places(PRIVATE), LEARNING)).datasets
    return any(way.takes(dataset) for rule in below(name) for way in routes(rule.logsource))


@cache
def below(name: str) -> tuple[Rule, ...]:
    """The rules that a correlation looks at, also by way of others."""
    known = {one.id: one for one in (*pack().rules, *pack().correlations)}
    (correlation,) = (one for one in pack().correlations if one.name == name)
    found: list[Rule] = []
    for one in (known[reference] for reference in correlation.rules):
        found += [one] if isinstance(one, Rule) else below(one.name)
    return tuple(found)


def left(name: str) -> tuple[int, int]:
    """False alerts, and the events that were looked at, of files where there was nothing to be found."""
    files = {file: count for file, count in tally().events.items() if file not in TRUE.get(name, ())}
    events = sum(
        number for count in files.values() for dataset, number in count.items() if looks_at(name, dataset)
    )  # fmt: skip
    return sum(number for file, number in tally().alerts.get(name, Counter()).items() if file in files), events


NAMES = [*sorted(one.name for one in pack().correlations), *DETECTORS]


def rows() -> dict[str, str]:
    """The table of the page: alerts that are right, events without anything to be found, and alerts in these."""
    found = {}
    for name in NAMES:
        false, events = left(name)
        right = sum(tally().alerts.get(name, Counter()).values()) - false
        # Where nothing was seen among n events, at most 3 / n of them may be wrong, with 95 % (the rule of three).
        share = f"{MILLION * false / events:,.0f}" if false else f"under {3 * MILLION / events:,.0f}" if events else "-"
        found[name] = f"| `{name}` | {right} | {events:,} | {false} | {share} |"
    return found


def test_the_table_is_the_one_of_the_page() -> None:
    sys.stdout.write("\n" + "\n".join(rows().values()) + "\n")
    written = re.findall(r"^\| `\w+` \| .*$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert written == list(rows().values())


@pytest.mark.parametrize("name", NAMES)
def test_none_fires_where_there_is_nothing_to_be_found(name: str) -> None:
    assert left(name)[0] == 0, tally().alerts[name]


def test_what_is_called_true_does_fire() -> None:
    assert {(name, file) for name, files in TRUE.items() for file in files if not tally().alerts[name][file]} == set()

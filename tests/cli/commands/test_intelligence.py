from pathlib import Path

import pytest

from tests.cli.conftest import Run

FEED = """\
value,confidence,last_seen,valid_until
45.9.148.3,90,2026-11-20,
evil.example,80,2026-11-20,2026-11-21
10.0.0.1,90,,
"""


@pytest.fixture
def known(hanwatch: Run, tmp_path: Path) -> Run:
    feed = tmp_path / "feed.csv"
    feed.write_text(FEED, encoding="utf-8")
    assert hanwatch("intelligence", "import", feed, "--provider", "synthetic").status == 0
    return hanwatch


def test_list_with_what_each_provider_has(known: Run) -> None:
    found = known("intelligence", "list", "--kind", "ip", "--json").lines
    assert [(one["value"], one["provider"], one["confidence"]) for one in found] == [
        ("10.0.0.1", "synthetic", 90), ("45.9.148.3", "synthetic", 90),
    ]  # fmt: skip
    shown = known("intelligence", "list")
    assert "evil.example" in shown.out
    assert "synthetic: 2 of kind ip" in shown.err


@pytest.mark.parametrize(
    ("value", "at", "status", "verdict"),
    [
        ("45.9.148[.]3", "2026-11-20", 1, "active"),
        ("www.evil.example", "2026-11-20", 1, "active"),
        ("evil.example", "2026-11-22", 0, "expired"),
        ("45.9.148.3", "2027-11-22", 0, "decayed"),
        ("10.0.0.1", "2026-11-22", 0, "allowed"),
    ],
)
def test_check_says_why_it_does_not_count(known: Run, value: str, at: str, status: int, verdict: str) -> None:
    ran = known("intelligence", "check", value, "--at", at, "--json")
    assert (ran.status, [one["verdict"] for one in ran.lines]) == (status, [verdict])
    assert known("intelligence", "check", value, "--at", at).status == status


def test_check_of_what_is_not_known_or_no_value(known: Run) -> None:
    ran = known("intelligence", "check", "good.example")
    assert (ran.status, "Nothing is known" in ran.err) == (0, True)
    assert known("intelligence", "check", "no value").status == 3


def test_expire_removes_what_is_over(known: Run) -> None:
    assert known("intelligence", "expire", "--json").lines[0]["expired"] >= 1
    assert known("intelligence", "expire").status == 0


def test_what_was_imported_alerts_on_what_is_ingested(known: Run, tmp_path: Path) -> None:
    log = tmp_path / "dns.log"
    log.write_text(
        '{"@timestamp":"2026-11-20T01:00:00Z","event.dataset":"network.dns","dns.question.name":"c2.evil.example"}\n'
        '{"@timestamp":"2026-11-20T01:00:01Z","event.dataset":"network.dns","dns.question.name":"good.example"}\n',
        encoding="utf-8",
    )
    assert known("ingest", log).status == 0
    (alert,) = known("alerts", "list", "--json").lines
    assert alert["level"] == "high"
    (event,) = known("search", "threat.indicator.provider:synthetic", "--json").lines
    assert event["hanwatch.indicator.field"] == "dns.question.name"

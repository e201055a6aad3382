"""Every fault, reason and step of a report has its words, in both languages."""

import re
from pathlib import Path

import pytest

import inventory
from api.messages import LANGUAGES, Language, catalogue, knows
from cli.parts.ipv6 import fault_text
from inventory.ipv6.checks.registry import CHECKS
from inventory.ipv6.listing import Topic
from inventory.ipv6.model import MEASURES
from inventory.ipv6.repairs import MENDERS

ROOT = Path(inventory.__path__[0])
FAILURES = (
    "refused", "unreachable", "reset", "timeout", "tls", "not-http", "slow", "url", "dns", "address-refused", "status",
    "redirect-loop", "redirects-too-many", "redirect-unusable", *(f"slow-{measure}" for measure in MEASURES),
)  # fmt: skip
"""Codes of exchanges and visits, which become faults as they are."""


def said(pattern: str) -> set[str]:
    texts = [file.read_text(encoding="utf-8") for file in (ROOT / "ipv6").rglob("*.py")]
    return {found for text in texts for found in re.findall(pattern, text)}


def test_faults_have_words() -> None:
    named = said(r'Fault\(\s*"([a-z0-9-]+)"') | {"no-record", "resolvers-differ", "lookup-fails"}
    assert len(named) > 10
    for reason in sorted(named | set(FAILURES)):
        assert knows(f"ipv6.fault.{reason}"), reason
        assert "SUBJECT" in fault_text(reason, "SUBJECT", "", "en"), reason


def test_reasons_have_words() -> None:
    named = said(r'(?:unknown|nothing)\(\s*"?[A-Z0-9a-z]+"?,\s*"([a-z0-9-]+)"')
    assert len(named) > 5
    for reason in named | {"follows", "down-anyway"}:
        assert knows(f"ipv6.reason.{reason}"), reason
    for reason in said(r'"(ipv6-[a-z-]+)"'):
        assert knows(f"reason.{reason}") or knows(reason), reason


@pytest.mark.parametrize("language", LANGUAGES)
def test_checks_menders_and_topics_have_words(language: Language) -> None:
    known = catalogue(language)
    wanted = [f"ipv6.check.{check.id}" for check in CHECKS] + [f"ipv6.mender.{one}" for one in MENDERS]
    wanted += [f"ipv6.listed.{one}" for one in Topic.__args__]
    assert [code for code in wanted if code not in known] == []

"""The commands that the documentation shows are run as they stand."""

import shlex
import sys
from pathlib import Path

import pytest

from cli.demo import write_samples
from cli.demo_plan import write_plan
from cli.main import main
from sensors.event.times import from_iso

ROOT = Path(__file__).parents[2]
PAGES = (
    "README.md", "docs/operating.md", "docs/inputs.md", "docs/ruling.md", "docs/detectors.md", "docs/hunting.md",
    "docs/notification.md", "docs/incidents.md", "docs/posture.md", "docs/walk.md", "docs/inventory.md",
    "docs/ten-minutes.md", "docs/indicators.md",
)  # fmt: skip
ELSEWHERE = {
    "make": "tried by a newcomer's clone, not from within the tests",
    ".": "the shell's own",
    "curl": "needs a running service; tests/api asks the same routes",
}
"""Commands of other programs, and where they are tried."""
FINDINGS = {
    ("hanwatch", "quarantine", "show", "1"): 3, ("hanwatch", "doctor"): None, ("hanwatch", "hunt"): None,
    ("hanwatch", "audit"): 1,
}  # fmt: skip
"""Commands whose exit code depends on what is there: nothing is in quarantine, and a machine may lack something."""


def _commands(page: str) -> list[list[str]]:
    found = []
    block = False
    for line in (ROOT / page).read_text(encoding="utf-8").splitlines():
        if line.startswith("```"):
            block = line == "```console"
        elif block and line.startswith("$ "):
            found.append(shlex.split(line[2:], comments=True))
    return found


def test_every_command_is_of_a_known_program() -> None:
    programs = {command[0] for page in PAGES for command in _commands(page)}
    assert programs == {"hanwatch", *ELSEWHERE}


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_do_what_the_page_says(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    write_samples(tmp_path / "data" / "samples", from_iso("2026-11-22T12:00:00Z"))
    write_plan(tmp_path / "data")
    monkeypatch.chdir(tmp_path)
    tried = 0
    for command in _commands(page):
        if command[0] != "hanwatch":
            continue
        monkeypatch.setattr(sys, "argv", command)
        with pytest.raises(SystemExit) as ended:
            main()
        said = capfd.readouterr()
        wanted = next((code for words, code in FINDINGS.items() if tuple(command[: len(words)]) == words), 0)
        assert wanted is None or (ended.value.code or 0) == wanted, (command, said.err)
        assert "Traceback" not in said.err
        tried += 1
    assert tried >= 2

import os
import re
import subprocess
import sys

import pytest

from tests.cli.conftest import Run

WRONG = (
    ["alerts", "list", "--levl", "high"],
    ["alerts", "list", "--nothing-like-it"],
    ["alert"],
    ["xyzzy"],
    ["--verbose"],
    ["alerts", "show"],
    ["rules", "match", "rule.yml"],
    ["ledger", "extra"],
    ["serve", "--port"],
    ["ledger", "--json=1"],
    ["serve", "--port", "many"],
    ["serve", "--port", "-1"],
    ["serve", "--port", "70000"],
    ["alerts", "list", "--level", "purple"],
    ["search", "--format", "xml"],
    ["quarantine", "show", "first"],
)


@pytest.mark.parametrize("arguments", WRONG, ids=" ".join)
def test_wrong_use_is_told_in_the_language_asked_for(arguments: list[str]) -> None:
    for language in ("zh", "en"):
        done = subprocess.run(
            [sys.executable, "-m", "cli", *arguments],
            check=False, capture_output=True, text=True, timeout=60, env=os.environ | {"HANWATCH_LANG": language},
        )
        assert done.returncode == 2
        assert done.stdout == ""
        wrong, *_ = done.stderr.splitlines()
        # What is left without the names of commands, options and values is words.
        words = re.sub(r"'[^']*'|--?[\w-]+|ID|NUMBER", "", wrong)
        assert bool(re.search(r"[A-Za-z]{3}", words)) == (language == "en"), wrong
        assert bool(re.search(r"[一-鿿]{2}", words)) == (language == "zh"), wrong


def test_wrong_use_shows_the_right_one_and_where_help_is(hanwatch: Run) -> None:
    ran = hanwatch("alerts", "show")
    assert ran.status == 2
    assert ran.err.splitlines() == [
        "Error: Missing argument 'ID'.",
        "Usage: hanwatch alerts show [OPTIONS] ID",
        "Help: hanwatch alerts show --help",
    ]

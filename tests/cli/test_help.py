"""The help pages as agreed, in both languages: golden files, since the words are part of the product."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parents[1] / "data" / "cli" / "help"
COMMANDS = (
    "", "run", "ingest", "capture", "search", "hunt", "alerts", "alerts list", "alerts show", "incidents",
    "incidents list", "incidents show", "incidents assign", "incidents state", "incidents note", "incidents undo",
    "incidents grade", "incidents windows", "incidents windows list", "incidents windows add", "incidents windows end",
    "posture", "posture show", "posture explain", "posture record", "posture history", "posture verify",
    "vulnerabilities", "vulnerabilities import", "vulnerabilities list", "vulnerabilities show",
    "vulnerabilities assign", "vulnerabilities exposure",
    "indicators", "indicators show", "indicators evaluate", "indicators pack", "indicators verify",
    "audit", "audit all", "audit mlps", "audit crypto", "audit cii", "audit data", "audit cloud", "audit networks",
    "audit iot", "audit exposure", "audit contradictions", "audit ipv6", "audit rules",
    "parsers", "parsers test", "parsers list", "parsers show", "rules", "rules check", "rules list", "rules show",
    "rules test", "rules match", "rules explain", "rules reload", "rules coverage", "rules import", "rules exceptions",
    "rules exceptions list", "rules exceptions check", "detectors", "context", "context check",
    "context show", "intelligence", "intelligence import", "intelligence run", "intelligence feeds",
    "intelligence list", "intelligence check", "intelligence expire", "notify", "notify check", "notify test",
    "notify list", "notify retry", "notify run",
    "sources", "packets", "packets list", "packets export", "packets dissect", "ledger",
    "quarantine", "quarantine list", "quarantine show", "quarantine replay", "doctor", "bench",
    "sensor", "correlate", "serve",
)
PRINT_ALL = """
import sys
from cli.main import main
for command in sys.argv[1:]:
    sys.argv = ["hanwatch", *command.split(), "--help"]
    print("$", *sys.argv, flush=True)
    try:
        main()
    except SystemExit as ended:
        assert not ended.code, (command, ended.code)
"""


@pytest.mark.parametrize("language", ["en", "zh"])
def test_help_is_as_agreed(language: str, golden: Callable[[Path, str], None]) -> None:
    environment = os.environ | {"HANWATCH_LANG": language, "COLUMNS": "100", "TERM": "dumb", "NO_COLOR": "1"}
    environment.pop("FORCE_COLOR", None)
    done = subprocess.run(
        [sys.executable, "-c", PRINT_ALL, *COMMANDS],
        check=True, capture_output=True, text=True, env=environment, timeout=120,
    )
    text = "\n".join(line.rstrip() for line in done.stdout.splitlines()) + "\n"
    golden(GOLDEN / f"{language}.txt", text)

"""What a call loads, and what completion offers: a command pays for what it uses."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = frozenset(
    {"alembic", "duckdb", "elasticsearch", "fastapi", "hyperscan", "numba", "numpy", "pyarrow", "sigma", "sqlalchemy",
     "structlog", "uvicorn"}
)
CALL = """
import sys
from cli.main import main
try:
    main()
except SystemExit as ended:
    print(ended.code, *sorted(sys.modules), file=sys.stderr)
"""


def _loaded(*arguments: str) -> set[str]:
    """The heavy libraries that a call loads."""
    done = subprocess.run(
        [sys.executable, "-c", CALL, *arguments], check=True, capture_output=True, text=True, timeout=60
    )
    status, *modules = done.stderr.splitlines()[-1].split()
    assert status in {"0", "1"}, done.stderr
    return HEAVY & {name.partition(".")[0] for name in modules}


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["rules", "--help"], ["alerts", "list", "--help"]])
def test_help_loads_next_to_nothing(arguments: list[str]) -> None:
    assert _loaded(*arguments) <= {"sqlalchemy"}


def test_a_command_loads_what_it_uses_and_no_more(tmp_path: Path) -> None:
    data = ["--data", str(tmp_path / "data")]
    assert "elasticsearch" not in _loaded("doctor", *data)
    assert _loaded("alerts", "list", *data) == {"sqlalchemy"}
    assert _loaded("rules", "list", *data) <= {"sigma", "numpy", "hyperscan"}
    assert not {"numba", "fastapi", "elasticsearch", "alembic"} & _loaded("search", "*", *data)
    assert not {"numba", "fastapi", "elasticsearch", "alembic"} & _loaded("ledger", *data)
    assert not {"fastapi", "elasticsearch", "alembic"} & _loaded("correlate", "--once", *data)


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("hanwatch ", {"run", "ingest", "alerts", "quarantine", "serve"}),
        ("hanwatch al", {"alerts"}),
        ("hanwatch alerts ", {"list", "show"}),
        ("hanwatch alerts list --l", {"--level", "--limit"}),
        ("hanwatch alerts list --level h", {"high"}),
        ("hanwatch search --format ", {"table", "json", "csv"}),
    ],
)
def test_completion_offers_commands_options_and_values(words: str, offered: set[str]) -> None:
    environment = os.environ | {
        "_HANWATCH_COMPLETE": "complete_bash",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split()) - (not words.endswith(" "))),
    }
    done = subprocess.run(
        [sys.executable, "-m", "cli"], check=False, capture_output=True, text=True, env=environment, timeout=60
    )
    assert offered <= set(done.stdout.split()), done

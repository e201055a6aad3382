"""Where the `hanwatch` command begins: next to nothing is loaded here, so that Ctrl-C ends it at any moment."""

import sys
from importlib import import_module
from typing import Final

INTERRUPTED: Final = 130
"""As shells count an end by SIGINT."""


def main() -> None:
    """Run the program, and end with its exit code."""
    try:
        status: int = import_module("cli.program").run()
    except KeyboardInterrupt:
        status = INTERRUPTED
    sys.exit(status)

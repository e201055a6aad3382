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
    except RuntimeError as error:
        # Until Python 3.12 an interruption while a class is made comes as the cause of such an error.
        if not isinstance(error.__cause__, KeyboardInterrupt):
            raise
        status = INTERRUPTED
    sys.exit(status)

"""The words between our words on pages of help: typer's headings and marks, in the language of this run.

typer reads them from its module when it prints, which is its way to have them changed.
"""

from typing import IO, Any, Final, cast

from rich.console import Console
from typer import rich_utils

from cli.output import stdout, tell

_MARKS: Final = {
    "ARGUMENTS_PANEL_TITLE": "cli.heading.arguments",
    "OPTIONS_PANEL_TITLE": "cli.heading.options",
    "COMMANDS_PANEL_TITLE": "cli.heading.commands",
    "REQUIRED_LONG_STRING": "cli.mark.required",
    "DEFAULT_STRING": "cli.mark.default",
    "ENVVAR_STRING": "cli.mark.variable",
}


class HelpConsole(Console):
    """A console whose end is told apart, as that of all other output is."""

    def __init__(self, *, stderr: bool = False, **options: Any) -> None:
        super().__init__(file=None if stderr else cast("IO[str]", stdout), stderr=stderr, **options)


def translate() -> None:
    """Put typer's words into the language of this run, and its pages onto our output."""
    for name, code in _MARKS.items():
        setattr(rich_utils, name, tell(code, value="{}"))
    vars(rich_utils)["Console"] = HelpConsole

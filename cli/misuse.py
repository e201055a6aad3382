"""Wrong use of the command line in words: what was wrong, how the command is used, and where its help is.

typer says it in English; the Chinese sentences are found by the English ones, which its tests hold on to.
"""

import re
from typing import Final

import typer

from cli.output import language, tell

_SENTENCES: Final[tuple[tuple[str, str], ...]] = (
    # The first that fits the whole sentence counts: what tells more stands before what tells less.
    (r"No such option: (?P<name>\S+) \(Possible options: (?P<near>.+)\)", "misuse.option.near"),
    (r"No such option: (?P<name>.+)", "misuse.option"),
    (r"No such command (?P<name>'.+')\. Did you mean (?P<near>.+)\?", "misuse.command.near"),
    (r"No such command (?P<name>'.+')\.", "misuse.command"),
    (r"Missing command\.", "misuse.command.none"),
    (r"Missing argument (?P<name>\S+)\.", "misuse.argument.none"),
    (r"Missing option (?P<name>.+?)\.", "misuse.option.none"),
    (r"Got unexpected extra arguments?(?:\(s\))? \((?P<words>.*)\)", "misuse.extra"),
    (r"Option (?P<name>'.+') requires an argument\.", "misuse.value.none"),
    (r"Option (?P<name>'.+') does not take a value\.", "misuse.value.some"),
    (r"Invalid value for (?P<name>.+?): (?P<reason>.+)", "misuse.value"),
)
_REASONS: Final[tuple[tuple[str, str], ...]] = (
    (r"Input should be a valid integer.*", "misuse.reason.integer"),
    (r"Input should be greater than or equal to (?P<bound>\S+)", "misuse.reason.least"),
    (r"Input should be less than or equal to (?P<bound>\S+)", "misuse.reason.most"),
    (r"Value (?P<value>'.*') is not a valid (?P<kind>.+)\.", "misuse.reason.kind"),
    (r"(?:Value error, )?(?P<value>'.*?') is not one of (?P<known>.+?)\.?", "misuse.reason.choice"),
)


def explain_misuse(misuse: typer.TyperException) -> str:
    """A few lines for stderr; empty where the page of help has been printed instead."""
    if type(misuse).__name__ == "NoArgsIsHelpError":
        return ""
    lines = [f"{tell('cli.error')}{_translated(misuse.format_message(), _SENTENCES)}"]
    context = getattr(misuse, "ctx", None)
    if context is not None:
        lines += [context.get_usage(), tell("cli.misuse.help", command=f"{context.command_path} --help")]
    return "\n".join(lines)


def _translated(text: str, known: tuple[tuple[str, str], ...]) -> str:
    if language == "en":
        return text
    for pattern, code in known:
        if found := re.fullmatch(pattern, text, re.DOTALL):
            words = found.groupdict()
            if "reason" in words:
                words["reason"] = _translated(words["reason"], _REASONS)
            return tell(code, **words)
    return text

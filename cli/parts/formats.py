"""The formats of logs, as the settings want them: which are declared, and what is known of sources beforehand."""

from collections.abc import Sequence

from cli.settings import Settings
from sensors.listening.zones import rules_of
from sensors.parsers.declared.errors import DeclarationUnusable
from sensors.parsers.locality import Localities, Rule, put_in_force
from sensors.parsers.registry import declare


def known_formats(settings: Settings) -> Sequence[DeclarationUnusable]:
    """Let the declared formats, zones and encodings of the settings hold in this process; returns what is broken."""
    parsers = settings.parsers
    rules = [
        # In any process: who replays the quarantine opens no listener.
        *rules_of(settings.listeners),
        *(Rule(source.name, source.zone or None, source.encoding) for source in parsers.sources),
    ]
    put_in_force(Localities(parsers.zone, rules))
    return declare(parsers.folders)

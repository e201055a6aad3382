"""Zones that listeners have for senders whose times name none."""

from collections.abc import Iterable, Iterator
from glob import escape

from sensors.parsers.locality import Rule
from sensors.settings import ListenerSettings


def zone_rules(name: str, zone: str) -> tuple[Rule, Rule]:
    """The rules of a listener by its name, not for what stands below it: devices may have a rule of their own."""
    return Rule(escape(name), zone), Rule(f"{escape(name)}#*", zone)


def rules_of(listeners: Iterable[ListenerSettings]) -> Iterator[Rule]:
    """The rules of listeners that are not open here, whose records are read again; any free port has no name yet."""
    for each in listeners:
        if each.zone and each.port:
            yield from zone_rules(f"{each.kind}://{each.place}", each.zone)

"""What matching gives."""

from typing import NamedTuple

from correlation.rules.model import Rule


class Match(NamedTuple):
    """One row of a batch and the rules that match it, at least one, each once, in the order they were loaded in."""

    row: int
    rules: tuple[Rule, ...]

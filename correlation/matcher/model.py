"""What matching gives."""

from dataclasses import dataclass

from correlation.rules.model import Rule


@dataclass(frozen=True, slots=True)
class Match:
    """One row of a batch and the rules that match it, at least one, each once, in the order they were loaded in."""

    row: int
    rules: tuple[Rule, ...]

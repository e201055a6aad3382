"""An exception: which rules it holds for, what an event must be, who answers for it, and when it ends."""

from dataclasses import dataclass, field

from correlation.rules.condition import Node
from correlation.rules.model import Correlation, Described
from sensors.errors import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleException:
    """What the rules it is for find in events that fit is neither an alert nor a signal to correlations, but counted.

    Attributes:
        id: names it in counts and lists; unique in a run.
        rules: ids or names of rules, detectors and correlations.
        tags: tags of rules, as they write them (`attack.t1021`); a rule or detector that has one of them is meant too.
        condition: what the event must be, under our names of fields, or of a correlation what its signals share, under
            the names that it groups by; it names fields only, no keywords.
        owner: who answers for it.
        reason: why it is there.
        end: the moment, ns since 1970, from which on it does nothing any more.
        place: the file and line that it stands at.
    """

    id: str
    rules: frozenset[str]
    tags: frozenset[str]
    condition: Node
    owner: str
    reason: str
    end: int
    place: Place = field(compare=False)

    def __post_init__(self) -> None:
        if not (self.rules or self.tags):
            raise ValueError("an exception is for some rules")
        if not (self.id and self.owner and self.reason):
            raise ValueError("an exception has an id, an owner and a reason")

    def serves(self, rule: Described) -> bool:
        """Whether it is for a rule; a correlation has to be named, since what it can be asked is its own."""
        if rule.id in self.rules or rule.name in self.rules:
            return True
        return not isinstance(rule, Correlation) and not self.tags.isdisjoint(rule.tags)

    def works(self, now: int) -> bool:
        """Whether it has not ended at a moment, ns since 1970."""
        return now < self.end

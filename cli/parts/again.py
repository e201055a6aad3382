"""Looking again at stored events in a run, by rules, exceptions and context as the settings have them then."""

from collections.abc import Iterator, Sequence

from cli.parts.context import declare
from cli.parts.exceptions import chosen_exceptions
from cli.parts.hunting import WithHunt
from cli.parts.rules import chosen_rules
from correlation.alerts.model import Alert
from correlation.exceptions.excepting import Excepting
from correlation.hunting.again import LookingAgain, about_indicators
from correlation.hunting.service import Hunt, Progress
from correlation.intelligence.matching import Intelligence
from correlation.query.model import Query


class WithLookingAgain(WithHunt):
    """A run that looks again at what is stored once it knows more."""

    def looking_again(self) -> LookingAgain:
        """What does it; store, alerts and rules are opened when there is something to look for."""
        days = self.settings.intelligence.look_back_days
        return LookingAgain(self.indicators, self._look, self._record, days, self.clock)

    def _record(self, alerts: Sequence[Alert]) -> int:
        return self.book.record(alerts)

    def _look(self, within: Query) -> Iterator[Progress]:
        loaded = chosen_rules(self.settings)
        exceptions = Excepting(chosen_exceptions(self.settings, loaded).exceptions, loaded.rules)
        # Made anew, so that both know what has just come.
        known = declare(self.settings.context.files, self.inventory).context()
        indicators = Intelligence(self.indicators, self.settings.intelligence, self.allowed, self.clock)
        rules = about_indicators(loaded.telling)
        yield from Hunt(self.store, rules, self.clock, (*known, indicators), exceptions).run(within)

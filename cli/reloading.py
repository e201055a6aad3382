"""Rules and context taken up anew by the process that matches, between two steps, without a restart.

Either everything is taken up or nothing: where rules, exceptions, placeholders, pipelines or context have a fault that
they did not have before, those that are working stay.
"""

from collections.abc import Callable
from typing import Any

from cli.asking import ANSWERED, Answering, refused
from cli.house import House
from cli.known_faults import fault, faults
from cli.settings import Settings
from cli.steady import settle_anew
from correlation.rules.loading import Loaded
from correlation.service import Correlator


class Reloading:
    """Looks whether somebody has asked (`look`), and does it."""

    def __init__(
        self, house: House, correlator: Correlator, loaded: Loaded, settings: Callable[[], Settings], begun: str | None
    ) -> None:
        """What is at work now.

        Args:
            house: whose correlator it is.
            correlator: it; nothing of a step may be under way while `look` is called.
            loaded: the rules that it has.
            settings: reads the settings again, of which those of rules and context count.
            begun: what was asked last before the rules were loaded.
        """
        self._house = house
        self._correlator = correlator
        self._known = faults((*loaded.problems, *house.exception_problems, *house.declared.problems))
        self._rules = {rule.id: repr(rule) for rule in (*loaded.rules, *loaded.correlations)}
        self._settings = settings
        self.look = Answering(house.settings.data, ANSWERED, self._reload, begun).look

    def _reload(self) -> dict[str, Any]:
        fresh = self._house.fresh(self._settings())
        if new := [problem for problem in fresh.problems if fault(problem) not in self._known]:
            return refused(new)
        self._house.take_up(self._correlator, fresh)
        settle_anew()
        before = self._rules
        self._known = faults(fresh.problems)
        self._rules = {rule.id: repr(rule) for rule in (*fresh.loaded.rules, *fresh.loaded.correlations)}
        return {
            "done": True,
            "rules": len(fresh.loaded.rules),
            "correlations": len(fresh.loaded.correlations),
            "exceptions": len(fresh.excepted.exceptions),
            "context": len(self._house.landscape.entries),
            "added": len(self._rules.keys() - before.keys()),
            "removed": len(before.keys() - self._rules.keys()),
            "changed": sum(before.get(name, said) != said for name, said in self._rules.items()),
            "problems": [],
        }

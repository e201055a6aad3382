"""Faults that are met again at every look, and told once."""

from cli.output import complain
from sensors.errors import Problem


class Faults:
    """What was told already: what follows files meets the same fault at every look, and tells what is new."""

    def __init__(self) -> None:
        self._told: set[str] = set()

    def tell(self, problem: Problem) -> bool:
        """Complain of a problem unless that was done before; whether it was new."""
        text = str(problem)
        if text in self._told:
            return False
        self._told.add(text)
        complain(problem)
        return True

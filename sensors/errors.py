"""What can go wrong in the sensors, as values: a code, the place and the parameters of its text.

The text itself lives in the catalogues of api/messages, in Chinese and English, and is looked up by whoever shows it.
Every room's errors derive from `Problem`, which is owned here because this is the lowest room.
"""

from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is wrong: a file, and in it a line, a column or a field where they are known."""

    file: str
    line: int | None = None
    column: int | None = None
    field: str | None = None

    def __str__(self) -> str:
        numbers = "".join(f":{n}" for n in (self.line, self.column) if n is not None)
        return f"{self.file}{numbers}" + (f" ({self.field})" if self.field else "")


class Problem(Exception):  # noqa: N818 - the family name of all errors, each of which says what it is
    """An error that a person can act upon: `code` names its message in the catalogues, `parameters` fill it."""

    code: ClassVar[str]

    def __init__(self, *, place: Place | None = None, **parameters: object) -> None:
        self.place = place
        self.parameters = parameters
        super().__init__(self.code, place, parameters)

    def __reduce__(self) -> tuple[Any, ...]:
        """Problems are told by name, in another process too."""
        return _again, (type(self), self.place, self.parameters)

    def __str__(self) -> str:
        words = ", ".join(f"{key}={value}" for key, value in self.parameters.items())
        return f"{self.place}: {self.code}({words})" if self.place else f"{self.code}({words})"


def _again(kind: type[Problem], place: Place | None, parameters: dict[str, object]) -> Problem:
    return kind(place=place, **parameters)


class SensorProblem(Problem):
    """The family of the sensors' errors."""


class UnreadableInput(SensorProblem):
    """A file or folder cannot be opened or read; `reason` is the system's own word."""

    code = "input-unreadable"


class UnknownFormat(SensorProblem):
    """No parser recognises the input; `known` lists the formats that can be said."""

    code = "format-unknown"


class FormatNotNamed(SensorProblem):
    """A format was said that does not exist; `known` lists those that do."""

    code = "format-not-named"

"""Questionnaires of Konveyor: what is asked of an application before it moves to a cloud, and what the answers mean.

github.com/konveyor/tackle2-hub, assessment: a questionnaire has sections of questions of answers, each of a risk (red,
yellow, green, unknown), and thresholds in percent. The first of red, yellow and unknown whose share of the questions
reaches its threshold is the risk of the whole, else green; a question without an answer is unknown.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, cast

from inventory.errors import InventoryProblem
from inventory.foreign.documents import MOST_YAML, json_of, mapping, octets_of, text, yaml_of
from inventory.foreign.errors import ForeignEntryUnusable, ForeignUnreadable
from inventory.foreign.model import Assumed, Format, Found, Proposal
from sensors.errors import Place

Risk: TypeAlias = Literal["red", "yellow", "unknown", "green"]
RISKS: Final[tuple[Risk, ...]] = ("red", "yellow", "unknown", "green")
_MEASURED: Final[tuple[Risk, ...]] = ("red", "yellow", "unknown")
_MOST: Final = 1_000
"""Sections, questions of a section, answers of a question."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer that can be chosen."""

    text: str
    risk: Risk
    selected: bool = False
    mitigation: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """One question with its answers."""

    section: str
    text: str
    answers: tuple[Answer, ...]

    @property
    def risk(self) -> Risk:
        """The risk of the answer that was chosen."""
        return next((answer.risk for answer in self.answers if answer.selected), "unknown")

    @property
    def answered(self) -> bool:
        """Whether an answer was chosen."""
        return any(answer.selected for answer in self.answers)


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """A questionnaire, or one that was answered for an `application`."""

    name: str
    questions: tuple[Question, ...]
    thresholds: Mapping[Risk, int]
    application: str = ""

    @property
    def risk(self) -> Risk:
        """The risk of the whole."""
        risks = [question.risk for question in self.questions]
        if not risks:
            return "unknown"
        reached = (one for one in _MEASURED if risks.count(one) * 100 >= self.thresholds[one] * len(risks))
        return next(reached, "green")

    @property
    def complete(self) -> bool:
        """Whether every question was answered."""
        return bool(self.questions) and all(question.answered for question in self.questions)


def parse_questionnaire(said: Any, file: str) -> tuple[Questionnaire | None, list[InventoryProblem]]:
    """A questionnaire and everything that is wrong with it; None where anything is."""
    reader = _Reader(file)
    document = mapping(said)
    sections = reader.members(document.get("sections"), "sections")
    questions = [question for at, section in sections for question in reader.section(section, at)]
    thresholds = reader.thresholds(mapping(document.get("thresholds")))
    name = reader.text(document, "name", "")
    if reader.problems:
        return None, reader.problems
    application = text(mapping(document.get("application")).get("name"))
    return Questionnaire(name, tuple(questions), thresholds, application), []


class _Reader:
    """Reads one document; places are paths into it, since YAML's lines are gone once it is read."""

    def __init__(self, file: str) -> None:
        self._file = file
        self.problems: list[InventoryProblem] = []

    def wrong(self, at: str, value: Any, reason: str) -> None:
        place = Place(self._file, field=at)
        self.problems.append(ForeignEntryUnusable(place=place, value=text(value)[:40], reason=reason))

    def text(self, said: Mapping[str, Any], key: str, at: str) -> str:
        found = text(said.get(key))
        if not found:
            self.wrong(f"{at}{key}", said.get(key), "foreign-no-text")
        return found

    def members(self, said: Any, at: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        if not isinstance(said, list) or not 0 < len(said) <= _MOST:
            self.wrong(at, said, "foreign-no-list")
            return
        for number, one in enumerate(said, 1):
            here = f"{at}[{number}]."
            if not isinstance(one, Mapping):
                self.wrong(here, one, "foreign-no-object")
                continue
            order = one.get("order")
            if isinstance(order, bool) or not isinstance(order, int) or order < 0:
                self.wrong(f"{here}order", order, "foreign-no-number")
            yield here, one

    def section(self, said: Mapping[str, Any], at: str) -> Iterator[Question]:
        name = text(said.get("name"))
        for here, one in self.members(said.get("questions"), f"{at}questions"):
            if one.get("includeFor") and one.get("excludeFor"):
                self.wrong(f"{here}excludeFor", "", "foreign-both")
            members = self.members(one.get("answers"), f"{here}answers")
            answers = tuple(self.answer(answer, there) for there, answer in members)
            yield Question(name, self.text(one, "text", here), answers)

    def answer(self, said: Mapping[str, Any], at: str) -> Answer:
        risk = said.get("risk")
        if risk not in RISKS:
            self.wrong(f"{at}risk", risk, "foreign-risk")
            risk = "unknown"
        chosen = said.get("selected") is True
        return Answer(self.text(said, "text", at), cast("Risk", risk), chosen, text(said.get("mitigation")))

    def thresholds(self, said: Mapping[str, Any]) -> dict[Risk, int]:
        found: dict[Risk, int] = {}
        for one in _MEASURED:
            value = said.get(one)
            if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 100:
                self.wrong(f"thresholds.{one}", value, "foreign-percent")
            else:
                found[one] = value
        return found


def read_questionnaire(path: Path, assumed: Assumed) -> Iterator[Found]:
    """What is wrong with a questionnaire; of one that was answered, the system that was assessed."""
    place = Place(str(path))
    data = octets_of(path, MOST_YAML)
    said = json_of(data, place) if data.lstrip()[:1] == b"{" else yaml_of(data, place)
    if not mapping(said):
        raise ForeignUnreadable(place=place, reason="foreign-no-object")
    questionnaire, problems = parse_questionnaire(said, str(path))
    yield from problems
    if questionnaire is not None and questionnaire.application:
        name = questionnaire.application
        cells = {"name": name, "migration": "assessed" if questionnaire.complete else ""}
        counts = {one: [question.risk for question in questionnaire.questions].count(one) for one in RISKS}
        evidence = {"questionnaire": questionnaire.name, "risk": questionnaire.risk}
        evidence |= {f"questions.{one}": str(count) for one, count in counts.items()}
        yield Proposal("systems", Place(str(path), 1), assumed.completed("systems", cells), ("name",), evidence)


def _recognises(head: bytes) -> bool:
    return b"sections:" in head or (head.lstrip()[:1] == b"{" and b'"sections"' in head and b'"questions"' in head)


QUESTIONNAIRES: Final = Format(
    "konveyor-questionnaire",
    _recognises,
    read_questionnaire,
    "github.com/konveyor/tackle2-hub (assessment), Apache-2.0",
)

"""Where the samples of rules lie: beside them, as in our pack, or in a tree of SigmaHQ's regression data.

Beside `name.yml` there is a folder `name` with `fires.*`, in which the rule must find something, and `silent.*`, in
which it must find nothing; a `context.csv` beside them says whose the addresses in them are. In SigmaHQ's layout
every `info.yml` names rules and the files that they must fire on, with the number of events where it says one:
https://github.com/SigmaHQ/sigma/tree/master/regression_data
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from correlation.errors import RuleProblem, SampleUnusable
from correlation.rules.model import Correlation, Rule
from correlation.rules.site_files import mapping_of
from sensors.errors import Place

KINDS = ("fires", "silent")
_CONTEXT = "context.csv"
_INFO = "info.yml"


@dataclass(frozen=True, slots=True)
class Sample:
    """A file of events and what a rule must make of it.

    Attributes:
        rule: the id of the rule or correlation.
        file: of events, in any format that the sensors read.
        fires: whether the rule must find something, or nothing.
        count: how many events it must find, where that was said.
        context: what is known of the addresses in it, in place of what a site knows of its own; None where nothing is.
    """

    rule: str
    file: Path
    fires: bool
    count: int | None = None
    context: Path | None = None


def beside(rules: Iterable[Rule | Correlation]) -> list[Sample]:
    """The samples that lie beside the files of these rules, in the order of files and names."""
    by_file: dict[str, list[Rule | Correlation]] = {}
    for rule in rules:
        by_file.setdefault(rule.path, []).append(rule)
    return [
        Sample(_meant(found, Path(path).stem).id, file, kind == "fires", context=_context(file.parent))
        for path, found in by_file.items()
        for kind in KINDS
        for file in sorted(Path(path).with_suffix("").glob(f"{kind}.*"))
    ]


def _context(folder: Path) -> Path | None:
    file = folder / _CONTEXT
    return file if file.exists() else None


def regression(folder: Path, known: Iterable[str]) -> tuple[list[Sample], list[RuleProblem]]:
    """The samples below a folder of SigmaHQ's regression data for the rules of these ids; what is wrong with others."""
    wanted = frozenset(known)
    samples: list[Sample] = []
    problems: list[RuleProblem] = []
    for info in sorted(folder.rglob(_INFO)):
        try:
            _, case = mapping_of(info, SampleUnusable)
            samples += [sample for sample in _cases(case, info) if sample.rule in wanted]
        except RuleProblem as problem:
            problems.append(problem)
        except (KeyError, TypeError, AttributeError) as error:
            reason = f"not as SigmaHQ's regression data are: {type(error).__name__} {error}"
            problems.append(SampleUnusable(place=Place(str(info)), reason=reason))
    return samples, problems


def _meant(rules: Sequence[Rule | Correlation], stem: str) -> Rule | Correlation:
    """Which rule of a file its samples are for: the one named like it, else the last correlation, else the first."""
    named = [rule for rule in rules if rule.name == stem]
    correlations = [rule for rule in rules if isinstance(rule, Correlation)]
    return (named or correlations[-1:] or list(rules))[0]


def _cases(case: dict[str, Any], info: Path) -> Iterator[Sample]:
    for test in case.get("regression_tests_info") or ():
        path = Path(test["path"])
        # A path is told from the repository's root; the file lies beside what names it.
        file = info.parent / path.name
        for entry in case["rule_metadata"]:
            yield Sample(str(entry["id"]), file, fires=True, count=test.get("match_count"))



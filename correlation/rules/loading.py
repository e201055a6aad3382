"""Loading rules from files and folders: the good ones, and for each broken one a problem with file, line and reason."""

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from correlation.errors import RuleDuplicate, RuleProblem, RuleUnreadable
from correlation.rules.cache import RuleCache, key_of_rules, key_of_trees
from correlation.rules.documents import MAX_BYTES, Document, looks_like_a_rule, understood
from correlation.rules.filtering import filtered
from correlation.rules.model import Correlation, Filter, Rule
from correlation.rules.processing import UNTOUCHED, Processing
from correlation.rules.resolving import resolve, silenced
from correlation.rules.trees import read
from sensors.errors import Place


class Loaded(NamedTuple):
    """Rules in the order they were found in, one problem for each broken document, and correlations.

    What a correlation refers to is there and comes before it.
    """

    rules: Sequence[Rule]
    problems: Sequence[RuleProblem]
    correlations: Sequence[Correlation] = ()

    @property
    def telling(self) -> list[Rule]:
        """The rules that alert by themselves, since no correlation speaks for them."""
        silent = silenced(self.correlations)
        return [rule for rule in self.rules if rule.id not in silent]


def load_rules(
    paths: Iterable[Path], cache: Path | None = None, processing: Processing = UNTOUCHED
) -> Loaded:
    """Load every rule in these files and folders (`*.yml` and `*.yaml` below them), in the order of paths and names.

    Args:
        paths: files are read whatever their name is; in folders, names that begin with a dot are left out.
        cache: the file in which parsed rules are kept from one start to the next; None to parse always.
        processing: what is done to rules before they are ours.
    """
    kept = None if cache is None else RuleCache(cache)
    rules: list[Document] = []
    problems: list[RuleProblem] = []
    seen: dict[str, Document] = {}
    done: set[str] = set()
    folders: dict[Path, str] = {}
    for found in _files(paths):
        if isinstance(found, RuleProblem):
            problems.append(found)
            continue
        real = _real(found, folders)
        if real in done:
            continue  # the same file was named twice, perhaps once by its folder
        done.add(real)
        fresh, wrong = _load(found, kept, processing)
        problems.extend(wrong)
        for rule in fresh:
            first = seen.setdefault(rule.id, rule)
            if first is rule:
                rules.append(rule)
            else:
                place = Place(rule.path, rule.line)
                problems.append(RuleDuplicate(place=place, id=rule.id, first=f"{first.path}:{first.line}"))
    if kept is not None:
        kept.save()
    plain, unused = filtered(
        [rule for rule in rules if isinstance(rule, Rule)], [rule for rule in rules if isinstance(rule, Filter)]
    )
    correlations, wrong = resolve(plain, [rule for rule in rules if isinstance(rule, Correlation)])
    return Loaded(plain, [*problems, *unused, *wrong], correlations)


def _load(
    path: Path, kept: RuleCache | None, processing: Processing
) -> tuple[Sequence[Document], list[RuleProblem]]:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        return [], [RuleUnreadable(place=Place(str(path)), reason=error.strerror or str(error))]
    if len(content) > MAX_BYTES:
        return [], [RuleUnreadable(place=Place(str(path)), reason=f"longer than {MAX_BYTES} bytes")]
    key = key_of_rules(path.name, content, processing.digest(content))
    known = None if kept is None else kept.rules(key, str(path))
    if known is not None:
        return known, []
    found, problems = _fresh(path, content, kept, processing)
    plain = [one for one in found if isinstance(one, Rule)]
    if kept is not None and not problems and len(plain) == len(found):
        kept.keep_rules(key, plain)
    return found, problems


def _fresh(
    path: Path, content: bytes, kept: RuleCache | None, processing: Processing
) -> tuple[Sequence[Document], list[RuleProblem]]:
    """What comes of a file of which only what it says may be known."""
    key = key_of_trees(content)
    trees = None if kept is None else kept.trees(key)
    if trees is not None:
        found, problems = understood(trees, str(path), processing)
        if not problems:
            return found, []
        # Which lines problems are about stands in the text alone.
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return [], [RuleUnreadable(place=Place(str(path), line), reason=f"not UTF-8: {error.reason}")]
    written = list(read(text, str(path)))
    if kept is not None and trees is None:
        kept.keep_trees(key, written)
    return understood(written, str(path), processing)


def _real(path: Path, folders: dict[Path, str]) -> str:
    """Where a file really is; `folders` remembers it of folders, of which there are few."""
    if os.path.islink(path):  # noqa: PTH114 - pathlib raises where the system refuses a path
        return os.path.realpath(path)
    folder = path.parent
    if folder not in folders:
        folders[folder] = os.path.realpath(folder)
    return os.path.join(folders[folder], path.name)  # noqa: PTH118 - a quarter of what a path takes, for thousands


def _files(paths: Iterable[Path]) -> Iterator[Path | RuleProblem]:
    for path in paths:
        if not os.path.isdir(path):  # noqa: PTH112 - as in `_real`
            yield path
            continue
        failures: list[OSError] = []
        for folder, folders, names in os.walk(path, onerror=failures.append):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(names):
                if looks_like_a_rule(name) and not name.startswith("."):
                    yield Path(folder, name)
        for error in failures:
            reason = error.strerror or str(error)
            yield RuleUnreadable(place=Place(str(error.filename)), reason=reason)

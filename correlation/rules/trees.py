"""The documents of a rule file as trees of plain values: read from YAML, or as they were kept from an earlier reading.

Reading YAML takes two fifths of the time that rules take. What a file says does not depend on what is done to rules
afterwards, so that its trees serve again when a pipeline has changed.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, NamedTuple

import orjson
import yaml
from sigma.exceptions import SigmaError
from sigma.rule.base import SigmaYAMLLoader, check_alias_expansion

from correlation.errors import RuleNotYaml, RuleProblem
from correlation.rules.positions import line_of
from sensors.errors import Place

_EXACTLY = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_SUBCLASS


class Tree(NamedTuple):
    """One document.

    Attributes:
        value: what it says; it may be taken to pieces by whoever reads it.
        line: where it begins, counted from 1.
        node: its nodes, which know their lines; None where it was kept.
    """

    value: Any
    line: int
    node: yaml.Node | None = None

    def line_of(self, keys: tuple[str, ...]) -> int:
        """The line of the deepest of these keys that is there; the document's own where nothing better is known."""
        return self.line if self.node is None else line_of(self.node, keys)


def read(text: str, path: str) -> Iterator[Tree | RuleProblem]:
    """The documents of a file, and what is wrong with those that are no YAML; where YAML itself is lost, it ends."""
    try:
        loader: Any = SigmaYAMLLoader(text)
        while loader.check_node():
            node = loader.get_node()
            line = int(node.start_mark.line) + 1
            try:
                yield Tree(loader.construct_document(node), line, node)
            except (yaml.YAMLError, RecursionError, TypeError, ValueError) as error:
                yield RuleNotYaml(place=Place(path, _mark_line(error) or line), reason=reason_of(error))
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        yield RuleNotYaml(place=Place(path, _mark_line(error)), reason=reason_of(error))


def encode(trees: Iterable[Tree | RuleProblem]) -> bytes | None:
    """Documents as JSON in one line; None where it would not give back the very same, or there is a problem."""
    kept = []
    try:
        for tree in trees:
            if isinstance(tree, RuleProblem) or not isinstance(tree.value, dict):
                return None
            # JSON has no references: a small file that expands to a large tree stays a file.
            check_alias_expansion(tree.value, max_expansion=0)
            dates = [name for name, value in tree.value.items() if type(value) is date]
            kept.append((tree.line, tree.value | {name: tree.value[name].isoformat() for name in dates}, dates))
        data = orjson.dumps(kept, option=_EXACTLY)
    except (SigmaError, TypeError):
        return None
    # Infinite numbers and tuples have a form in JSON, but do not come back.
    return data if [said for _, said, _ in orjson.loads(data)] == [said for _, said, _ in kept] else None


def decode(data: bytes) -> list[Tree]:
    """What `encode` made into this data.

    Raises:
        ValueError, TypeError, KeyError, AttributeError: the data is not of that form.
    """
    return [
        Tree(value | {name: date.fromisoformat(value[name]) for name in dates}, int(line))
        for line, value, dates in orjson.loads(data)
    ]


def reason_of(error: Exception) -> str:
    """The reason that an error of YAML's or pySigma's gives."""
    problem = getattr(error, "problem", None)
    if isinstance(problem, str):
        return problem
    words = str(error.args[0]) if error.args else type(error).__name__
    return f"{type(error).__name__}: {words}" if isinstance(error, KeyError) else words


def _mark_line(error: Exception) -> int | None:
    mark = getattr(error, "problem_mark", None)
    return None if mark is None else int(mark.line) + 1

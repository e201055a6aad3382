"""A YAML file as values that know their lines, read with an eye to what is wrong: everything that is, not the first."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from sensors.errors import Place
from sensors.parsers.declared.errors import (
    DeclarationKeyMissing,
    DeclarationKeyUnknown,
    DeclarationUnusable,
    DeclarationValue,
)

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
MAX_BYTES = 1 << 20


class Node:
    """One value of the document: its place, and ways to take it as what it should be, which note what it is not."""

    def __init__(self, value: Any, path: tuple[str, ...], document: "Document") -> None:
        self.value = value
        self._path = path
        self._document = document

    @property
    def place(self) -> Place:
        """The file, the line and the path of keys."""
        return self._document.place(self._path)

    def fault(self, wanted: str) -> None:
        """Note that the value cannot be meant."""
        self._document.problems.append(
            DeclarationValue(place=self.place, value=str(self.value)[:200], wanted=wanted)
        )

    def note(self, problem: DeclarationUnusable) -> None:
        """Note any other problem."""
        self._document.problems.append(problem)

    def table(self, known: Sequence[str] | None = None, required: Sequence[str] = ()) -> dict[str, "Node"]:
        """The entries of a mapping; keys not among `known` are noted, and so are those that are missing."""
        if not isinstance(self.value, Mapping):
            self.fault("a mapping of keys to values")
            return {}
        found = {}
        for key, value in self.value.items():
            name = _text(key)
            node = Node(value, (*self._path, name), self._document)
            if known is not None and name not in known:
                node.note(DeclarationKeyUnknown(place=node.place, key=name, known=", ".join(known)))
            else:
                found[name] = node
        for name in required:
            if name not in found:
                self.note(DeclarationKeyMissing(place=self.place, key=name))
        return found

    def items(self) -> Iterator["Node"]:
        """The values of a list; a single value is a list of one."""
        values = self.value if isinstance(self.value, list) else [self.value]
        for index, value in enumerate(values):
            inner = (*self._path, str(index)) if isinstance(self.value, list) else self._path
            yield Node(value, inner, self._document)

    def text(self) -> str:
        """A text, or a number as it is written."""
        if isinstance(self.value, str | int | float) and not isinstance(self.value, bool):
            return str(self.value)
        self.fault("a text")
        return ""

    def texts(self) -> tuple[str, ...]:
        """One text or several."""
        return tuple(node.text() for node in self.items())

    def flag(self) -> bool:
        """True or false."""
        if not isinstance(self.value, bool):
            self.fault("true or false")
        return self.value is True

    def number(self) -> int:
        """A whole number that is not negative."""
        if not isinstance(self.value, int) or isinstance(self.value, bool) or self.value < 0:
            self.fault("a whole number")
            return 0
        return self.value


class Document:
    """One file: its root and what was found wrong in it so far."""

    def __init__(self, file: str, data: bytes) -> None:
        """Read the file's bytes.

        Raises:
            DeclarationUnusable: it is no YAML, not UTF-8, or too large.
        """
        self.file = file
        self.problems: list[DeclarationUnusable] = []
        self._lines: dict[tuple[str, ...], int] = {}
        if len(data) > MAX_BYTES:
            raise DeclarationUnusable(place=Place(file), reason=f"larger than {MAX_BYTES} bytes")
        try:
            loader = _LOADER(data.decode("utf-8-sig"))
            try:
                node = loader.get_single_node()
                if node is not None:
                    self._mark(node, (), set())
                value = loader.construct_document(node) if node is not None else None
            finally:
                loader.dispose()
        except UnicodeDecodeError as error:
            raise DeclarationUnusable(place=Place(file), reason=f"not UTF-8: {error.reason}") from error
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else None
            raise DeclarationUnusable(place=Place(file, line), reason=error.problem or "no YAML") from error
        except (yaml.YAMLError, RecursionError, ValueError) as error:
            raise DeclarationUnusable(place=Place(file), reason=str(error)[:200]) from error
        self.root = Node(value, (), self)

    def place(self, path: tuple[str, ...]) -> Place:
        """Where a path of keys leads; the nearest line above it that is known."""
        line = next((self._lines[path[:end]] for end in range(len(path), -1, -1) if path[:end] in self._lines), None)
        return Place(self.file, line, field=".".join(path) or None)

    def _mark(self, node: yaml.Node, path: tuple[str, ...], above: set[int]) -> None:
        if id(node) in above:
            raise DeclarationUnusable(place=Place(self.file, node.start_mark.line + 1), reason="it holds itself")
        self._lines[path] = node.start_mark.line + 1
        inner = above | {id(node)}
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                name = str(key.value)
                if (*path, name) in self._lines:
                    raise DeclarationUnusable(
                        place=Place(self.file, key.start_mark.line + 1), reason=f"{name!r} stands twice"
                    )
                self._mark(value, (*path, name), inner)
                self._lines[*path, name] = key.start_mark.line + 1
        elif isinstance(node, yaml.SequenceNode):
            for index, value in enumerate(node.value):
                self._mark(value, (*path, str(index)), inner)


def _text(key: Any) -> str:
    if key is None:
        return "null"
    if isinstance(key, bool):
        return "true" if key else "false"
    return str(key)

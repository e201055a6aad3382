"""Context files as rows of texts with their lines: YAML and CSV alike, so that both are read by the same words.

YAML: a mapping with `spaces` and `entries`, each a list of mappings. CSV: a row of headings, then an entry to a row.
Everything stays the text that stands there; what it means is told in `values`.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Final

import yaml

from correlation.context.errors import ContextIncomplete, ContextKeyUnknown, ContextProblem, ContextUnreadable
from correlation.context.model import KEYS, SPACE_KEYS
from correlation.context.values import HEADINGS, LISTS
from sensors.errors import Place

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SECTIONS: Final = ("spaces", "entries")
_DELIMITERS: Final = ",;\t"
_REMARKS: Final = frozenset({"note", "备注", "说明"})
"""Keys and headings of what is for people alone."""


@dataclass(frozen=True, slots=True)
class Row:
    """What one entry or space says: texts by key (a list where the file has one), and where."""

    place: Place
    said: Mapping[str, str | Sequence[str]]


@dataclass(slots=True)
class Document:
    """What a file holds, and what is wrong with the rest."""

    entries: list[Row] = field(default_factory=list)
    spaces: list[Row] = field(default_factory=list)
    problems: list[ContextProblem] = field(default_factory=list)


def read_yaml(text: str, name: str) -> Document:
    """The rows of a YAML file."""
    document = Document()
    try:
        root = yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = Place(name, mark.line + 1 if mark else None)
        document.problems.append(ContextUnreadable(place=place, reason=getattr(error, "problem", None) or str(error)))
        return document
    except (RecursionError, ValueError) as error:
        document.problems.append(ContextUnreadable(place=Place(name), reason=str(error)))
        return document
    if root is None:
        return document
    if not isinstance(root, yaml.MappingNode):
        document.problems.append(ContextUnreadable(place=Place(name, _line(root)), reason="context-no-mapping"))
        return document
    for key, value in root.value:
        if key.value not in _SECTIONS:
            document.problems.append(_unknown(Place(name, _line(key)), str(key.value), _SECTIONS))
        elif not isinstance(value, yaml.SequenceNode):
            place = Place(name, _line(value), field=key.value)
            document.problems.append(ContextIncomplete(place=place, reason="context-no-list"))
        else:
            rows, known = (document.entries, KEYS) if key.value == "entries" else (document.spaces, SPACE_KEYS)
            rows.extend(_rows(value, name, known, document.problems))
    return document


def _rows(node: yaml.SequenceNode, name: str, known: Sequence[str], problems: list[ContextProblem]) -> Iterator[Row]:
    for one in node.value:
        place = Place(name, _line(one))
        if not isinstance(one, yaml.MappingNode):
            problems.append(ContextIncomplete(place=place, reason="context-no-mapping"))
            continue
        said: dict[str, str | Sequence[str]] = {}
        faults: list[ContextProblem] = []
        for key, value in one.value:
            if isinstance(key, yaml.ScalarNode) and key.value in _REMARKS:
                continue
            if key.value not in known or key.value in said:
                faults.append(_unknown(Place(name, _line(key)), str(key.value), known))
            elif isinstance(value, yaml.ScalarNode):
                if value.tag != "tag:yaml.org,2002:null":
                    said[key.value] = value.value.strip()
            elif key.value in LISTS and _is_list_of_texts(value):
                said[key.value] = [item.value.strip() for item in value.value]
            else:
                place_of_value = Place(name, _line(value), field=key.value)
                faults.append(ContextIncomplete(place=place_of_value, reason="context-no-text"))
        problems.extend(faults)
        if not faults:
            yield Row(place, {key: value for key, value in said.items() if value})


def _is_list_of_texts(node: yaml.Node) -> bool:
    return isinstance(node, yaml.SequenceNode) and all(isinstance(item, yaml.ScalarNode) for item in node.value)


def read_csv(text: str, name: str) -> Document:
    """The rows of a CSV file; fields are divided by what divides its headings: a comma, a semicolon or a tabulator."""
    document = Document()
    first = text.partition("\n")[0]
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=max(_DELIMITERS, key=first.count))
    headings: list[str | None] = []
    begun = 1
    while True:
        try:
            cells = [cell.strip() for cell in next(rows)]
        except StopIteration:
            return document
        except csv.Error as error:
            document.problems.append(ContextUnreadable(place=Place(name, rows.line_num), reason=str(error)))
            return document
        place, begun = Place(name, begun), rows.line_num + 1
        if not any(cells):
            continue
        if not headings:
            headings = _headings(cells, place, document.problems)
        elif len(cells) > len(headings) and any(cells[len(headings) :]):
            document.problems.append(ContextIncomplete(place=place, reason="context-too-many-cells"))
        else:
            said = {key: cell for key, cell in zip(headings, cells, strict=False) if key is not None and cell}
            if said:
                document.entries.append(Row(place, said))


def _headings(cells: Sequence[str], place: Place, problems: list[ContextProblem]) -> list[str | None]:
    """The keys of the columns; None for one that is not known, whose cells are left unread."""
    found: list[str | None] = []
    for cell in cells:
        key = HEADINGS.get(cell, cell.lower())
        if key in KEYS and key not in found:
            found.append(key)
            continue
        found.append(None)
        if cell and cell.lower() not in _REMARKS:
            problems.append(_unknown(place, cell, (*KEYS, *HEADINGS)))
    return found


def _unknown(place: Place, key: str, known: Sequence[str]) -> ContextKeyUnknown:
    nearest = get_close_matches(key[:100], known, n=1)
    shown = known if len(known) <= len(KEYS) else KEYS
    return ContextKeyUnknown(place=place, key=key[:100], nearest=nearest[0] if nearest else ", ".join(shown))


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1

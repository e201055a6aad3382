"""Files that a site keeps beside its rules: YAML mappings with the lines of their keys, or what is wrong with them."""

from pathlib import Path
from typing import Any

import yaml

from correlation.errors import RuleProblem
from sensors.errors import Place

MAX_BYTES = 16 << 20


class _Loader(yaml.SafeLoader):
    """Refuses a key that stands twice in one mapping, of which YAML would keep the last without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key, _ in node.value:
            name = key.value
            if name in seen and key.tag != "tag:yaml.org,2002:merge":
                raise yaml.MarkedYAMLError(problem=f"{name} stands twice", problem_mark=key.start_mark)
            seen.add(name)
        return super().construct_mapping(node, deep=deep)


def mapping_of(file: Path, problem: type[RuleProblem]) -> tuple[yaml.MappingNode, dict[Any, Any]]:
    """A file's nodes, which know their lines, and its value; an empty file is an empty mapping.

    Raises:
        RuleProblem: of the kind `problem`, with a `reason`: it cannot be read, or is no YAML mapping.
    """
    try:
        with file.open("rb") as opened:
            content = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise problem(place=Place(str(file)), reason=error.strerror or str(error)) from error
    if len(content) > MAX_BYTES:
        raise problem(place=Place(str(file)), reason=f"longer than {MAX_BYTES} bytes")
    try:
        loader: Any = _Loader(content.decode("utf-8-sig"))
        node = loader.get_single_node()
        value = None if node is None else loader.construct_document(node)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise problem(place=Place(str(file), line), reason=f"not UTF-8: {error.reason}") from error
    except (yaml.YAMLError, RecursionError, TypeError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        said = getattr(error, "problem", None) or str(error)
        raise problem(place=Place(str(file), mark.line + 1 if mark else None), reason=said) from error
    if node is None:
        return yaml.MappingNode("tag:yaml.org,2002:map", []), {}
    if not isinstance(value, dict):
        raise problem(place=Place(str(file), node.start_mark.line + 1), reason="not a mapping")
    return node, value

"""pySigma's processing pipelines, read from their YAML files.

What a pipeline says of queries (`postprocessing`, `finalizers`) has nothing to act upon here and is left out. Nothing
is fetched or run for one: transformations that take values from files, commands or the network are refused by pySigma's
policy as soon as a rule needs them.
"""

from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path
from typing import Any

import orjson
import yaml
from sigma.processing.pipeline import ProcessingItem, ProcessingPipeline

from correlation.errors import PipelineInvalid, RuleProblem
from correlation.rules.positions import PATTERNS_OF_PYTHON, REFUSALS, line_of
from correlation.rules.processing import MODIFIER, Pipeline
from correlation.rules.site_files import mapping_of
from sensors.errors import Place

_QUERIES = frozenset({"postprocessing", "finalizers"})


def load_pipelines(files: Iterable[Path]) -> tuple[list[Pipeline], list[RuleProblem]]:
    """The pipelines in the order of their files, and what is wrong with the others."""
    found: list[Pipeline] = []
    problems: list[RuleProblem] = []
    for file in files:
        try:
            node, document = mapping_of(file, PipelineInvalid)
            found.append(_pipeline(node, document, str(file)))
        except RuleProblem as problem:
            problems.append(problem)
    return found, problems


def _pipeline(node: yaml.Node, document: dict[Any, Any], file: str) -> Pipeline:
    said = {key: value for key, value in document.items() if key not in _QUERIES}
    try:
        written = orjson.dumps(said, option=orjson.OPT_NON_STR_KEYS, default=str)
        # Reading takes keys out of what it is given.
        steps = ProcessingPipeline.from_dict(orjson.loads(written), policy=PATTERNS_OF_PYTHON)
        int(steps.priority)
    except REFUSALS as error:
        keys = _guilty(said)
        field = ".".join(keys) or None
        raise PipelineInvalid(place=Place(file, line_of(node, keys), field=field), reason=str(error)) from error
    return Pipeline(file, steps, blake2b(written, digest_size=16).digest(), expands=MODIFIER in written)


def _guilty(said: dict[Any, Any]) -> tuple[str, ...]:
    """The first transformation that pySigma refuses when it stands alone."""
    items = said.get("transformations")
    for number, item in enumerate(items if isinstance(items, list) else ()):
        try:
            ProcessingItem.from_dict(dict(item), policy=PATTERNS_OF_PYTHON)
        except REFUSALS:
            return ("transformations", str(number))
    return ()

"""What a site does to rules between pySigma's reading and ours: processing pipelines, then values for placeholders.

A pipeline is pySigma's: field mappings, transformations of values, other log sources, conditions on all of them. What
it gives is a Sigma rule like any other, and is routed by its log source afterwards. Rules of this product (log source
`product: hanwatch`) speak of our datasets and fields already, and go through no pipeline.

Specification: Sigma 2.1, "Sigma Modifiers" (`expand`), https://github.com/SigmaHQ/sigma-specification; pipelines:
https://sigmahq-pysigma.readthedocs.io/en/latest/Processing_Pipelines.html
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

import orjson
from sigma.processing.pipeline import ProcessingItem, ProcessingPipeline
from sigma.processing.transformations import ValueListPlaceholderTransformation
from sigma.rule import SigmaRule

from correlation.errors import RuleNotProcessed
from correlation.rules.logsources import OWN_PRODUCT
from correlation.rules.positions import REFUSALS

MODIFIER = b"expand"
"""Without it there is no placeholder."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """One processing pipeline.

    Attributes:
        file: where it was read from.
        steps: pySigma's own; not to be used by two threads at once.
        digest: of what the file holds.
        expands: whether it may put placeholders into rules that have none.
    """

    file: str
    steps: Any = field(repr=False)
    digest: bytes = b""
    expands: bool = False

    @property
    def priority(self) -> int:
        """Pipelines with smaller numbers come first."""
        return int(self.steps.priority)


@dataclass(frozen=True, slots=True)
class Processing:
    """All that is done to rules.

    Attributes:
        pipelines: in the order in which they were named; smaller priorities are applied first.
        placeholders: the values of each placeholder by its name, at least one; wildcards are alive in them.
    """

    pipelines: Sequence[Pipeline] = ()
    placeholders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def apply(self, sigma: SigmaRule) -> None:
        """Change a rule as the pipelines and the values of placeholders want it.

        Raises:
            RuleNotProcessed: a pipeline refuses it; without a place.
        """
        if sigma.logsource.product != OWN_PRODUCT:
            for pipeline in sorted(self.pipelines, key=lambda one: one.priority):
                try:
                    pipeline.steps.apply(sigma)
                except REFUSALS as error:
                    raise RuleNotProcessed(pipeline=pipeline.file, reason=str(error)) from error
        if self.placeholders:
            _filling(self.placeholders).apply(sigma)

    def digest(self, content: bytes) -> bytes:
        """Changes whenever what is done to the rules of a file with this content may change."""
        state = blake2b(digest_size=16)
        for pipeline in self.pipelines:
            state.update(pipeline.digest)
        # Others have no placeholders: new values for one shall not make thousands of files to be parsed again.
        if MODIFIER in content or any(pipeline.expands for pipeline in self.pipelines):
            state.update(orjson.dumps(self.placeholders, option=orjson.OPT_SORT_KEYS))
        return state.digest()


UNTOUCHED = Processing()
"""Rules stay as their authors wrote them."""


def _filling(placeholders: Mapping[str, tuple[str, ...]]) -> ProcessingPipeline:
    """A pipeline that fills these placeholders; it leaves others as they are, for which conversion refuses the rule."""
    values = ValueListPlaceholderTransformation(include=list(placeholders))
    return ProcessingPipeline([ProcessingItem(values)], vars={name: list(each) for name, each in placeholders.items()})

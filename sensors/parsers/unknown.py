"""Lines of no known format: kept whole, searchable, and grouped by what they have in common.

A template miner (Drain: He et al., ICWS 2017, by drain3) finds the words that lines share; it is bounded in templates
and in the length of a line, remembers nothing beyond this process, and never decides whether a line is kept. The
template's id follows from its words as they were when it was first seen, so that it stays when the template widens.
"""

from collections.abc import Sequence
from functools import cached_property
from hashlib import blake2b
from typing import Any, Final

from drain3 import TemplateMiner  # type: ignore[import-untyped]  # it ships no types
from drain3.masking import MaskingInstruction  # type: ignore[import-untyped]
from drain3.template_miner_config import TemplateMinerConfig  # type: ignore[import-untyped]

from sensors.parser import Lines, Parsed
from sensors.parsers.assembly import Assembly
from sensors.parsers.caches import Bounded
from sensors.parsers.encoding import decode_lines, wide
from sensors.parsers.locality import locality

DATASET: Final = "log.unknown"
MAX_TEMPLATES: Final = 2_000
MAX_MINED: Final = 1_000
"""Characters of a line that the miner looks at."""
MAX_WORDS: Final = 60

_CONSTANTS = {"event.module": "log", "event.kind": "event", "event.category": ["host"], "event.type": ["info"]}
# What varies by nature is masked before the miner looks, the longest forms first.
_MASKS = (
    (r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])", "IP"),
    (r"(?<![\w:])(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{1,4}(?![\w:])", "IP"),
    (r"(?<!\w)[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?!\w)", "ID"),
    (r"(?<!\w)0x[0-9a-fA-F]+(?!\w)", "HEX"),
    (r"(?<!\w)[+-]?\d+(?!\w)", "NUM"),
)


class UnknownLines:
    """Lines of a format that nobody has declared."""

    name = DATASET

    @cached_property
    def _templates(self) -> "Templates":
        return Templates()

    def recognises(self, head: Sequence[bytes]) -> bool:
        """Never by itself: a format is unknown only where somebody wants its lines all the same."""
        del head
        return False

    def parse(self, lines: Lines, state: Any) -> Parsed:  # noqa: ARG002 - this format has no state
        """Every line that is not blank is an event without a time of its own."""
        texts, encodings = decode_lines(lines.texts, locality(lines.source.name).encoding)
        rows = [row for row, text in enumerate(texts) if text.strip()]
        if not rows:
            return Parsed((), (), len(texts))
        chosen = [texts[row] for row in rows]
        templates = self._templates.of(chosen)
        assembly = Assembly.of(lines, encodings)
        assembly.add(
            DATASET,
            constants=_CONSTANTS,
            rows=rows,
            moments=[None] * len(rows),
            columns={
                "message": chosen,
                "event.original": chosen,
                "hanwatch.template.id": [identity for identity, _ in templates],
                "hanwatch.template.text": [text for _, text in templates],
            },
        )
        return Parsed(tuple(assembly.batches), (), len(texts) - len(rows))


class Templates:
    """What lines have in common, learned as they come."""

    def __init__(self) -> None:
        settings = TemplateMinerConfig()
        settings.drain_max_clusters = MAX_TEMPLATES
        settings.drain_max_children = 50
        settings.drain_sim_th = 0.5
        settings.profiling_enabled = False
        settings.masking_instructions = [MaskingInstruction(pattern, name) for pattern, name in _MASKS]
        self._miner = TemplateMiner(None, settings)
        self._ids: Bounded[int, str] = Bounded(self._identity, entries=2 * MAX_TEMPLATES)
        self._born: dict[int, str] = {}

    def of(self, texts: Sequence[str]) -> list[tuple[str, str]]:
        """The id and the text of each line's template."""
        return [self._one(text) for text in texts]

    def _one(self, text: str) -> tuple[str, str]:
        mined = " ".join(text[:MAX_MINED].split()[:MAX_WORDS])
        found = self._miner.add_log_message(mined)
        number, template = int(found["cluster_id"]), str(found["template_mined"])
        if found["change_type"] == "cluster_created":
            self._born[number] = template
        return self._ids[number], template

    def _identity(self, number: int) -> str:
        born = self._born.pop(number, str(number))
        return blake2b(born.encode("utf-8", "replace"), digest_size=8, person=b"hanwatch.templ").hexdigest()


def looks_like_text(head: bytes) -> bool:
    """Whether the first bytes of a file are those of a text, in one of the encodings that lines are read in."""
    if not head:
        return False
    if 0 in head:
        return wide(head) is not None
    odd = sum(byte < 32 and byte not in b"\t\n\r\x0b\x0c\x1b\x1d" for byte in head)
    return odd * 100 < len(head)

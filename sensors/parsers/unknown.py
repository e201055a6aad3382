"""Lines of no known format: kept whole, searchable, and grouped by what they have in common.

A template miner (Drain: He et al., ICWS 2017, by drain3) finds the words that lines share; it is bounded in templates,
in the length of a line and in work, remembers nothing beyond this process, and never decides whether a line is kept.
The template's id follows from its words as they were when it was first seen, so that it stays when the template widens.
"""

from collections import Counter
from collections.abc import Sequence
from hashlib import blake2b
from threading import Lock
from typing import Any, Final

from drain3 import TemplateMiner  # type: ignore[import-untyped]  # it ships no types
from drain3.masking import MaskingInstruction  # type: ignore[import-untyped]
from drain3.template_miner_config import TemplateMinerConfig  # type: ignore[import-untyped]

from sensors.parser import Lines, Parsed
from sensors.parsers.assembly import Assembly
from sensors.parsers.caches import Bounded
from sensors.parsers.encoding import decode, decode_lines, wide
from sensors.parsers.locality import locality

DATASET: Final = "log.unknown"
MAX_TEMPLATES: Final = 2_000
MAX_MINED: Final = 1_000
"""Characters of a line that the miner looks at."""
MAX_WORDS: Final = 60
MAX_COMPARED: Final = 10_000_000
"""Words that the miner compares for the lines of one call, at most about 0.2 s. A line is compared with all templates
of as many words; logs that people write have few of them. Lines beyond this are kept without a template."""
ODD_SHARE: Final = 10
"""A line is no text when one in so many of its bytes is a control character or of no encoding that is read here."""

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

    def __init__(self) -> None:
        self._templates = Templates()

    def recognises(self, head: Sequence[bytes]) -> bool:
        """Never by itself: a format is unknown only where somebody wants its lines all the same."""
        del head
        return False

    def parse(self, lines: Lines, state: Any) -> Parsed:  # noqa: ARG002 - this format has no state
        """Every line that is not blank is an event without a time of its own."""
        texts, encodings = decode_lines(lines.texts, lines.said(locality(lines.placed).encoding))
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
                "hanwatch.template.id": [found and found[0] for found in templates],
                "hanwatch.template.text": [found and found[1] for found in templates],
            },
            optional=(("hanwatch.template.id", "hanwatch.template.text"),),
        )
        return Parsed(tuple(assembly.batches), (), len(texts) - len(rows))


class Templates:
    """What lines have in common, learned as they come; safe for threads, since each listener has one."""

    def __init__(self) -> None:
        self._lock = Lock()
        settings = TemplateMinerConfig()
        settings.drain_max_clusters = MAX_TEMPLATES
        settings.drain_max_children = 50
        settings.drain_sim_th = 0.5
        settings.profiling_enabled = False
        settings.masking_instructions = [MaskingInstruction(pattern, name) for pattern, name in _MASKS]
        self._miner = TemplateMiner(None, settings)
        self._ids: Bounded[int, str] = Bounded(self._identity, entries=2 * MAX_TEMPLATES)
        self._born: dict[int, str] = {}
        self._by_length: Counter[int] = Counter()

    def of(self, texts: Sequence[str]) -> list[tuple[str, str] | None]:
        """The id and the text of each line's template; None for lines that would take too much work."""
        found: list[tuple[str, str] | None] = []
        left = MAX_COMPARED
        with self._lock:
            for text in texts:
                words = text[:MAX_MINED].split()[:MAX_WORDS]
                left -= len(words) * (1 + self._by_length[len(words)])
                found.append(self._one(words) if left > 0 else None)
            if self._by_length.total() > 2 * MAX_TEMPLATES:
                # Templates that were pushed out since are counted still.
                self._by_length = Counter(len(known.log_template_tokens) for known in self._miner.drain.clusters)
        return found

    def _one(self, words: Sequence[str]) -> tuple[str, str]:
        found = self._miner.add_log_message(" ".join(words))
        number, template = int(found["cluster_id"]), str(found["template_mined"])
        if found["change_type"] == "cluster_created":
            self._born[number] = template
            self._by_length[len(words)] += 1
        return self._ids[number], template

    def _identity(self, number: int) -> str:
        born = self._born.pop(number, str(number))
        return blake2b(born.encode("utf-8", "replace"), digest_size=8, person=b"hanwatch.templ").hexdigest()


_CONTROLS: Final = bytes(sorted({*range(32), 0x7F} - set(b"\t\n\r\x0b\x0c\x1b\x1d")))


def looks_like_text(head: bytes) -> bool:
    """Whether the first bytes of a file are those of a text, in one of the encodings that lines are read in."""
    return bool(head) and _odd(head) * 100 < len(head)


def is_text(line: bytes) -> bool:
    """Whether a single line is text, as far as its bytes say: few control characters, few bytes of no encoding."""
    odd = _odd(line)
    if 0 not in line and not line.isascii() and decode(line)[1] == "escaped":
        odd += line.decode("utf-8", "replace").count("\ufffd")
    return odd * ODD_SHARE <= len(line)


def _odd(data: bytes) -> int:
    """How many characters no text has; all bytes where there are zeros that are not UTF-16's."""
    if 0 in data:
        order = wide(data)
        if order is None:
            return len(data)
        data = data[: len(data) // 2 * 2].decode(order, "replace").replace("\ufffd", "\0").encode()
    return len(data) - len(data.translate(None, _CONTROLS))

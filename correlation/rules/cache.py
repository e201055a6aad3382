"""Parsed rules kept on disk, so that a start does not parse thousands of unchanged files again.

Of each file two things are kept: its documents as they were read from YAML, and the rules that came of them. An entry's
key is a hash of what it was made from: the file's bytes, this code and the versions of what reads rules; for rules the
file's name as well, and what pipelines and placeholders do to them. A change of any of them makes a new key, so that an
entry never has to be invalidated, and a change of pipelines alone spares the YAML.
The form is JSON, not pickle: a file that somebody has tampered with can at worst give wrong rules, as the
rule folder itself could, never run code.
Only files without errors are kept; the others are parsed, and reported, each time.
"""

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterable, Sequence
from functools import cache as once
from hashlib import blake2b
from importlib.resources import files
from pathlib import Path
from typing import Any

import orjson

from correlation.errors import RuleProblem
from correlation.rules import codec, trees
from correlation.rules.model import Rule
from correlation.rules.trees import Tree
from sensors.installed import installed

_CODE = (
    "codec.py", "condition.py", "conversion.py", "detection.py", "documents.py", "model.py", "positions.py",
    "processing.py", "trees.py",
)  # fmt: skip
_DAMAGE = (TypeError, ValueError, KeyError, IndexError, AttributeError, OverflowError, RecursionError)
_KEY = 32
"""The length of a key, behind which its entry stands in the same line."""
MAX_ENTRIES = 50_000
"""Entries beyond this number are dropped, those first that the last start did not use."""


class RuleCache:
    """The cache in one file; a file that is damaged, or cannot be read or written, only costs time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._used: dict[bytes, bytes] = {}
        self._new = False
        try:
            lines = path.read_bytes().split(b"\n")
        except OSError:
            lines = []
        # Entries are taken apart when they are asked for: most may be of pipelines that are no more.
        self._kept = {line[:_KEY]: line[_KEY + 1 :] for line in lines if line[_KEY : _KEY + 1] == b" "}

    def rules(self, key: bytes, path: str) -> list[Rule] | None:
        """The rules of the file with this key, as loaded from `path`; None if they are not known."""
        entry = self._kept.get(key)
        if entry is None:
            return None
        try:
            rules = [codec.decode(data, path) for data in orjson.loads(entry)]
        except _DAMAGE:
            return None
        self._used[key] = entry
        return rules

    def keep_rules(self, key: bytes, rules: Sequence[Rule]) -> None:
        """Remember what came of a file."""
        self._put(key, orjson.dumps([codec.encode(rule) for rule in rules]))

    def trees(self, key: bytes) -> list[Tree] | None:
        """The documents of the file with this key; None if they are not known."""
        entry = self._kept.get(key)
        if entry is None:
            return None
        try:
            found = trees.decode(entry)
        except _DAMAGE:
            return None
        self._used[key] = entry
        return found

    def keep_trees(self, key: bytes, found: Iterable[Tree | RuleProblem]) -> None:
        """Remember what a file says, as far as it can be."""
        data = trees.encode(found)
        if data is not None:
            self._put(key, data)

    def _put(self, key: bytes, entry: bytes) -> None:
        self._used[key] = entry
        self._new = True

    def save(self) -> None:
        """Write the file anew if anything was added; another process that does the same at once is harmless."""
        if not self._new:
            return
        rest = {key: entry for key, entry in self._kept.items() if key not in self._used}
        entries = list({**self._used, **rest}.items())[:MAX_ENTRIES]
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=self._path.name)
            try:
                with os.fdopen(handle, "wb") as out:
                    out.writelines(b"%s %s\n" % entry for entry in entries)
                Path(name).replace(self._path)
            except OSError:
                Path(name).unlink(missing_ok=True)
                raise


def key_of_trees(content: bytes) -> bytes:
    """The key of what a file with this content says."""
    return _key(b"trees", content)


def key_of_rules(name: str, content: bytes, processing: bytes = b"") -> bytes:
    """The key of what comes of a file: its name matters because an id may be derived from it.

    Args:
        name: without its folder.
        content: what the file holds.
        processing: the digest of what is done to its rules.
    """
    return _key(b"rules", processing, name.encode("utf-8", "surrogateescape"), content)


def _key(*parts: bytes) -> bytes:
    state = _code().copy()
    for part in parts:
        state.update(len(part).to_bytes(8, "big") + part)
    return bytes(state.hexdigest(), "ascii")


@once
def _code() -> Any:
    state = blake2b(digest_size=_KEY // 2, person=b"hanwatch.rules")
    # Which regular expressions a rule may have is Python's to say.
    state.update(sys.version.encode())
    for package in ("pysigma", "pyyaml", "pyparsing"):
        state.update(installed(package).encode())
    for module in _CODE:
        state.update(files("correlation.rules").joinpath(module).read_bytes())
    return state

"""Parsed rules kept on disk, so that a start does not parse thousands of unchanged files again.

An entry's key is a hash of the file's name, its bytes, what pipelines and placeholders do to them, this code and the
versions of the libraries that read rules: a change of any of them makes a new key, so that an entry never has to be
invalidated. The form is JSON, not pickle: a file that somebody has tampered with can at worst give wrong rules, as the
rule folder itself could, never run code.
Only files without errors are kept; the others are parsed, and reported, each time.
"""

import contextlib
import os
import tempfile
from collections.abc import Sequence
from functools import cache as once
from hashlib import blake2b
from importlib.resources import files
from pathlib import Path
from typing import Any

import orjson

from correlation.rules.codec import decode, encode
from correlation.rules.model import Rule
from sensors.installed import installed

_CODE = ("condition.py", "model.py", "conversion.py", "documents.py", "codec.py", "positions.py", "processing.py")
MAX_ENTRIES = 50_000
"""Entries beyond this number are dropped, those first that the last start did not use."""


class RuleCache:
    """The cache in one file; a file that is damaged, or cannot be read or written, only costs time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._used: dict[str, Any] = {}
        self._new = False
        try:
            self._kept = orjson.loads(path.read_bytes())
        except (OSError, orjson.JSONDecodeError):
            self._kept = {}
        if not isinstance(self._kept, dict):
            self._kept = {}

    def get(self, key: str, path: str) -> list[Rule] | None:
        """The rules of the file with this key, as loaded from `path`; None if they are not known."""
        entry = self._kept.get(key)
        if entry is None:
            return None
        try:
            rules = [decode(data, path) for data in entry]
        except (TypeError, ValueError, KeyError, IndexError):
            return None
        self._used[key] = entry
        return rules

    def put(self, key: str, rules: Sequence[Rule]) -> None:
        """Remember what a file held."""
        self._used[key] = [encode(rule) for rule in rules]
        self._new = True

    def save(self) -> None:
        """Write the file anew if anything was added; another process that does the same at once is harmless."""
        if not self._new:
            return
        rest = {key: entry for key, entry in self._kept.items() if key not in self._used}
        entries = dict(list({**self._used, **rest}.items())[:MAX_ENTRIES])
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=self._path.name)
            try:
                with os.fdopen(handle, "wb") as out:
                    out.write(orjson.dumps(entries))
                Path(name).replace(self._path)
            except OSError:
                Path(name).unlink(missing_ok=True)
                raise


def key_of(name: str, content: bytes, processing: bytes = b"") -> str:
    """The key of a file: its name matters because an id may be derived from it.

    Args:
        name: without its folder.
        content: what the file holds.
        processing: the digest of what is done to its rules.
    """
    state = _code().copy()
    state.update(len(processing).to_bytes(1, "big") + processing)
    state.update(name.encode("utf-8", "surrogateescape") + b"\0" + content)
    return str(state.hexdigest())


@once
def _code() -> Any:
    state = blake2b(digest_size=16, person=b"hanwatch.rules")
    for package in ("pysigma", "pyyaml"):
        state.update(installed(package).encode())
    for module in _CODE:
        state.update(files("correlation.rules").joinpath(module).read_bytes())
    return state

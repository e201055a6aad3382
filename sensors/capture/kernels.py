"""Where the room's machine code is kept between runs: a folder that only this version of its sources ever uses.

Numba notices a change in the file that holds a kernel, but not in another whose kernels or numbers went into it, so
after an upgrade old code could run on new tables. Hence the folder's name carries a digest of every source file and
of the versions; a folder that others could write to is not used, since what stands in it is executed.
"""

import contextlib
import os
import platform
import re
import shutil
import stat
import tempfile
from hashlib import blake2b
from pathlib import Path
from typing import Final

import llvmlite  # type: ignore[import-untyped]
import numba
import numpy as np

from sensors.event import times

KEPT: Final = 8
"""How many versions' folders are kept: the most recently used ones. Each has about 12 MB."""
_COMPILED_PROTOCOLS: Final = frozenset({"model.py", "registry.py", "tables.py"})
"""Files among the protocols' from which the tables of compiled code are made in any way."""
_FUNCTIONS: Final = re.compile(rb"^def .*\n(?:[ \t)].*\n|\n)*", re.MULTILINE)
"""Whole functions of a module; what stands outside them is all of a protocol's own file that reaches kernels."""
_SPACE_BYTES: Final = 64 << 20
"""What must be free for machine code to be kept: a disk that fills up meanwhile would end the reading."""


def digest() -> str:
    """What the machine code is made from: the room's sources, the numbers that they take from elsewhere, versions."""
    made = blake2b(digest_size=12)
    versions = (platform.python_version(), numba.__version__, np.__version__, llvmlite.__version__)
    made.update(repr(versions).encode())
    for file in (*sorted(Path(__file__).parent.rglob("*.py")), Path(times.__file__)):
        source = file.read_bytes()
        if file.parent.name == "protocols" and file.name not in _COMPILED_PROTOCOLS:
            # A parser is never compiled, so that a change in one must not cost a minute of compiling everything else.
            source = _FUNCTIONS.sub(b"", source)
        made.update(f"{file.name} {len(source)}\n".encode() + source)
    return made.hexdigest()


def _bases() -> list[Path]:
    """Folders that may hold the cache, the preferred one first; the last one is there on every system."""
    said = os.environ.get("XDG_CACHE_HOME", "")
    found = [Path(said) / "hanwatch"] if said.startswith("/") else []
    # A user without an entry in the system's list has no home.
    with contextlib.suppress(RuntimeError):
        found.append(Path.home() / ".cache" / "hanwatch")
    return [*found[:1], Path(tempfile.gettempdir()) / f"hanwatch-{os.geteuid()}"]


def _private(folder: Path) -> bool:
    """Whether a folder is ours alone to write to."""
    status = folder.lstat()
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() and not status.st_mode & 0o022


def folder() -> Path | None:
    """The folder for this version's machine code, made if need be; None where there is no place for one."""
    version = digest()
    for base in _bases():
        kernels = base / "kernels"
        try:
            base.mkdir(mode=0o700, parents=True, exist_ok=True)
            kernels.mkdir(mode=0o700, exist_ok=True)
            own = kernels / version
            own.mkdir(mode=0o700, exist_ok=True)
            if not (_private(base) and _private(kernels) and _private(own)):
                continue
            if shutil.disk_usage(own).free < _SPACE_BYTES:
                continue
            tempfile.TemporaryFile(dir=own).close()
            os.utime(own)
            _prune(kernels)
        except OSError:
            continue
        return own
    return None


def _prune(kernels: Path) -> None:
    """Remove the folders of versions that have not been used for longest."""
    others = sorted(kernels.iterdir(), key=lambda other: other.stat().st_mtime, reverse=True)
    for old in others[KEPT:]:
        shutil.rmtree(old, ignore_errors=True)

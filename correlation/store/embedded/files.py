"""Segment files: written whole and synchronised before anybody can know of them."""

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from correlation.store.embedded.columns import ID, LEAVES, MISFITS, REST, TIME
from correlation.store.errors import StoreDiskFull, StoreReadOnly, StoreUnwritable

FOLDER: Final = "segments"
UNFINISHED: Final = ".unfinished"
APPENDED: Final = "appended"
"""The folder of segments as they were appended, below `FOLDER`; beside it one folder for each day."""

ROW_GROUP: Final = 65_536
_SLUG = re.compile(r"[^a-z0-9_.]+")
_LONG_TEXTS: Final = frozenset({ID, REST, LEAVES, MISFITS, "message:text", "event.original:text"})


@contextmanager
def disk(path: Path) -> Iterator[None]:
    """Turns the system's errors into the store's."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StoreDiskFull(path=str(path)) from error
        if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
            raise StoreReadOnly(path=str(path), reason=os.strerror(error.errno)) from error
        raise StoreUnwritable(path=str(path), reason=str(error)) from error


def synchronise(folder: Path) -> None:
    """Make a folder's entries durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folder(folder: Path) -> None:
    """Make a folder and its parents, durably."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    synchronise(folder.parent)


def slug(dataset: str) -> str:
    """A dataset's name as part of a file's name, whatever a sender put into it."""
    return _SLUG.sub("_", dataset.lower()).strip(".")[:60] or "_"


def write_segment(path: Path, table: pa.Table, *, compact: bool) -> int:
    """Write a table durably, appearing under its name only when complete; returns its bytes.

    Args:
        path: where to; the folder exists.
        table: events, sorted.
        compact: for keeping (dense, with a bloom filter on the id) rather than for appending (quick).

    Raises:
        StoreDiskFull: there is no room; nothing is left behind.
        StoreReadOnly: the folder cannot be written to.
        StoreUnwritable: writing failed otherwise.
    """
    unfinished = path.with_name(path.name + UNFINISHED)
    with disk(path):
        try:
            with unfinished.open("wb") as file:
                pq.write_table(table, file, **_options(table, compact=compact))
                file.flush()
                os.fsync(file.fileno())
                size = file.tell()
            unfinished.rename(path)
            synchronise(path.parent)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise
    return size


def _options(table: pa.Table, *, compact: bool) -> dict[str, Any]:
    repeating = [name for name in table.column_names if name not in _LONG_TEXTS and name != TIME]
    options: dict[str, Any] = {
        "compression": "zstd",
        "compression_level": 3 if compact else 1,
        "use_dictionary": repeating,
        "row_group_size": ROW_GROUP,
        "store_schema": False,
    }
    if compact:
        options["bloom_filter_options"] = {ID: {"ndv": min(ROW_GROUP, table.num_rows), "fpp": 0.01}}
        options["write_page_index"] = True
    else:
        options["write_statistics"] = [TIME]
    return options


def sweep(root: Path, known: set[str]) -> int:
    """Delete segment files that belong to nobody: what a killed writer left. Returns how many they were."""
    swept = 0
    with disk(root):
        for file in sorted((root / FOLDER).rglob("*")):
            if file.is_file() and file.relative_to(root).as_posix() not in known:
                file.unlink(missing_ok=True)
                swept += 1
    return swept

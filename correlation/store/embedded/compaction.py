"""Compaction: appended segments, which mix days and datasets, become files of one day of one dataset, dense and sorted.

New files are written first, then one transaction exchanges them for the old ones; the old files stay for a grace
period, for those who are still reading them. Killed at any point it leaves orphans, never half a change.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from correlation.store.embedded.arranging import Arranged
from correlation.store.embedded.columns import DATASET, ID, LEAVES, MISFITS, TIME
from correlation.store.embedded.files import FOLDER, disk, make_folder, slug, synchronise
from correlation.store.embedded.manifest import Manifest, Segment, forget_segments, replace_segments
from correlation.store.embedded.segments import write

DAY: Final = 86_400_000_000_000
MOST_ROWS: Final = 500_000
"""Events in one step: it holds them in memory, about 1 KB each, and takes some seconds."""
ENOUGH_FILES: Final = 16
"""So many appended files are worth a step; fewer wait until nothing has come for `QUIET`."""
QUIET: Final = 900_000_000_000
SMALL_ROWS: Final = 100_000
MANY_SMALL: Final = 8
"""So many small files of one day and dataset (late events) are merged into one."""

_DAY_COLUMN: Final = "day"


def due(segments: Sequence[Segment], now: int) -> list[Segment]:
    """The segments that the next step should compact together; empty if none is due."""
    fresh = sorted((one for one in segments if one.level == 0), key=lambda one: one.id)
    if len(fresh) >= ENOUGH_FILES or (fresh and max(one.max_received for one in fresh) <= now - QUIET):
        return _bounded(fresh)
    groups: dict[tuple[int | None, str | None], list[Segment]] = {}
    for one in segments:
        if one.level > 0 and one.rows < SMALL_ROWS:
            groups.setdefault((one.day, one.dataset), []).append(one)
    crowded = [group for group in groups.values() if len(group) >= MANY_SMALL]
    return _bounded(max(crowded, key=len)) if crowded else []


def _bounded(segments: Sequence[Segment]) -> list[Segment]:
    chosen: list[Segment] = []
    rows = 0
    for one in segments:
        if chosen and rows + one.rows > MOST_ROWS:
            break
        chosen.append(one)
        rows += one.rows
    return chosen


def compact(root: Path, manifest: Manifest, segments: Sequence[Segment], now: int) -> list[Segment]:
    """Exchange these segments for files of one day of one dataset each.

    Raises:
        StoreDiskFull, StoreReadOnly, StoreUnwritable: nothing was changed.
        pyarrow.ArrowInvalid, OSError: a segment cannot be read; nothing was changed.
    """
    table = pa.concat_tables(
        [pq.read_table(root / one.path, partitioning=None) for one in segments], promote_options="default"
    )
    days = pc.floor(pc.divide(table.column(TIME), DAY))
    table = table.append_column(_DAY_COLUMN, days)
    odd = Arranged(
        table,
        frozenset[str]().union(*(one.leaves for one in segments)),
        frozenset[str]().union(*(one.misfits for one in segments)),
    )
    made: list[Segment] = []
    try:
        for key in table.group_by([_DAY_COLUMN, DATASET]).aggregate([]).to_pylist():
            day, dataset = key[_DAY_COLUMN], key[DATASET]
            mask = pc.and_(pc.equal(table.column(_DAY_COLUMN), day), pc.equal(table.column(DATASET), dataset))
            made.append(_write(root, replace(odd, table=table.filter(mask)), day, dataset))
        with manifest.change() as db:
            replace_segments(db, [one.id for one in segments], made, now)
    except BaseException:
        for segment in made:
            (root / segment.path).unlink(missing_ok=True)
        raise
    return made


def _write(root: Path, arranged: Arranged, day: int, dataset: str) -> Segment:
    table = arranged.table.drop_columns([_DAY_COLUMN]).sort_by([(TIME, "ascending"), (ID, "ascending")])
    table = table.drop_columns([name for name in table.column_names if table.column(name).null_count == len(table)])
    folder = f"{FOLDER}/{day_name(day)}"
    with disk(root):
        make_folder(root / folder)
    kept = Arranged(
        table,
        arranged.leaves if LEAVES in table.column_names else frozenset(),
        arranged.misfits if MISFITS in table.column_names else frozenset(),
    )
    return write(root, f"{folder}/{slug(dataset)}-", kept, day=day, dataset=dataset)


def day_name(day: int) -> str:
    """The folder of a day (since 1970, UTC): `2026-01-31`."""
    return str(pa.scalar(day, pa.date32()).as_py())


def delete_replaced(root: Path, manifest: Manifest, before: int) -> int:
    """Delete the files of segments that were replaced before this time; returns how many."""
    gone = manifest.replaced(before)
    delete_files(root, [path for _, path in gone])
    if gone:
        with manifest.change() as db:
            forget_segments(db, [segment for segment, _ in gone])
    return len(gone)


def delete_files(root: Path, paths: Sequence[str]) -> None:
    """Delete segment files, and folders of days that are empty then."""
    with disk(root):
        folders = set()
        for path in paths:
            (root / path).unlink(missing_ok=True)
            folders.add((root / path).parent)
        for folder in folders:
            if folder.is_dir():
                synchronise(folder)
                if folder.parent.name == FOLDER and folder.name[:1].isdigit() and not any(folder.iterdir()):
                    folder.rmdir()
                    synchronise(folder.parent)

"""Advisories, scans and findings on disk: one file is written whole or not at all, and twice changes nothing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Engine, delete, func, insert, select

from inventory.database import writing
from inventory.store.statements import in_parts
from inventory.vulnerabilities.contents import advisory_of, document_of, finding_of, packed, unpacked
from inventory.vulnerabilities.kept import Counts, Ownership, ScanKept, Told
from inventory.vulnerabilities.model import Advisory
from inventory.vulnerabilities.rechecking import Scan, Tracked, after
from inventory.vulnerabilities.tables import advisory, finding, ownership, scan

_TOGETHER: Final = 500


class VulnerabilityBook:
    """What is kept of vulnerabilities in a database that `inventory.database.open_database` has opened."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def has_scan(self, name: str) -> bool:
        """Whether a scan was read before."""
        with self._engine.connect() as connection:
            return connection.execute(select(scan.c.id).where(scan.c.id == name)).first() is not None

    def write(self, advisories: Sequence[Advisory], scanned: Scan | None, file: str, now: int) -> Counts:
        """Keep what one file tells, all of it or, if anything fails, nothing."""
        with writing(self._engine) as connection:
            new, changed, same = _tell(connection, advisories, file, now)
            if scanned is None or not (scanned.findings or scanned.coverage):
                return Counts(new, changed, same)
            return Counts(new, changed, same, len(scanned.findings), *_fold(connection, scanned, file, now))

    def advisories(self) -> Iterator[Told]:
        """All that sources tell."""
        asked = select(advisory.c.content, advisory.c.first).order_by(advisory.c.source, advisory.c.id)
        with self._engine.connect() as connection:
            for content, first in connection.execution_options(yield_per=_TOGETHER).execute(asked):
                yield Told(advisory_of(content), first)

    def findings(self) -> Iterator[Tracked]:
        """How findings stand, by id."""
        with self._engine.connect() as connection:
            asked = select(finding).order_by(finding.c.id)
            yield from map(_tracked, connection.execution_options(yield_per=_TOGETHER).execute(asked).mappings())

    def scans(self) -> dict[str, ScanKept]:
        """The scans that were read, by id."""
        columns = (scan.c.id, scan.c.scanner, scan.c.at, scan.c.imported, scan.c.file)
        with self._engine.connect() as connection:
            return {row.id: ScanKept(*row) for row in connection.execute(select(*columns).order_by(scan.c.at))}

    def owners(self) -> dict[str, Ownership]:
        """Who looks after what, by id."""
        with self._engine.connect() as connection:
            found = connection.execute(select(ownership))
            return {row.id: Ownership(row.owner, row.note, row.at, row.by) for row in found}

    def assign(self, name: str, said: Ownership) -> None:
        """Say who looks after a finding or a match."""
        with writing(self._engine) as connection:
            connection.execute(delete(ownership).where(ownership.c.id == name))
            row = {"id": name, "owner": said.owner, "note": said.note, "at": said.at, "by": said.by}
            connection.execute(insert(ownership), row)


def _tell(connection: Connection, advisories: Iterable[Advisory], file: str, now: int) -> tuple[int, int, int]:
    """Keep advisories; what was modified later stays."""
    latest: dict[tuple[str, str], Advisory] = {}
    for one in advisories:
        known = latest.get((one.source, one.id))
        if known is None or (one.modified or 0) >= (known.modified or 0):
            latest[one.source, one.id] = one
    counts = {"new": 0, "changed": 0, "same": 0}
    for part in in_parts(latest.values(), _TOGETHER):
        before = {
            (row.source, row.id): row
            for row in connection.execute(select(advisory).where(advisory.c.id.in_([one.id for one in part])))
        }
        rows = []
        for one in part:
            row, content = before.get((one.source, one.id)), document_of(one)
            if row is not None:
                older = (one.modified or 0) < (row.content["modified"] or 0)
                if older or row.content == content:
                    counts["same"] += 1
                    continue
                connection.execute(
                    delete(advisory).where(advisory.c.source == one.source, advisory.c.id == one.id)
                )
            counts["new" if row is None else "changed"] += 1
            first = now if row is None else row.first
            rows.append(
                {"source": one.source, "id": one.id, "first": first, "at": now, "file": file, "content": content}
            )
        if rows:
            connection.execute(insert(advisory), rows)
    return counts["new"], counts["changed"], counts["same"]


def _fold(connection: Connection, scanned: Scan, file: str, now: int) -> tuple[int, int, int]:
    """Keep a scan and how findings stand after it; a scan that comes late is put in its place."""
    if connection.execute(select(scan.c.id).where(scan.c.id == scanned.id)).first() is not None:
        return 0, 0, 0
    scanner = (scanned.findings or scanned.coverage)[0].scanner
    last = connection.execute(select(func.max(scan.c.at)).where(scan.c.scanner == scanner)).scalar_one()
    row = {
        "id": scanned.id, "scanner": scanner, "at": scanned.at, "imported": now, "file": file,
        "content": packed(scanned),
    }  # fmt: skip
    connection.execute(insert(scan), row)
    found = connection.execute(select(finding).where(finding.c.scanner == scanner)).mappings()
    before = {one.id: one for one in map(_tracked, found)}
    if last is None or scanned.at > last:
        states = after(before, scanned)
    else:
        states = {}
        order = select(scan.c.id, scan.c.at, scan.c.content).where(scan.c.scanner == scanner)
        for name, at, content in connection.execute(order.order_by(scan.c.at, scan.c.id)):
            states = after(states, unpacked(name, at, content))
    changed = [one for name, one in states.items() if before.get(name) != one]
    for part in in_parts(changed, _TOGETHER):
        connection.execute(delete(finding).where(finding.c.id.in_([one.id for one in part])))
        connection.execute(insert(finding), [_row(one) for one in part])
    opened = sum(one.id not in before for one in changed)
    closed = sum(one.status == "closed" and _status(before, one) != "closed" for one in changed)
    reopened = sum(one.status == "open" and _status(before, one) == "closed" for one in changed)
    return opened, closed, reopened


def _status(before: Mapping[str, Tracked], one: Tracked) -> str:
    known = before.get(one.id)
    return known.status if known else ""


def _tracked(row: Any) -> Tracked:
    return Tracked(
        row["id"], finding_of(row["latest"]), row["status"], row["first_seen"], row["last_seen"], row["closed"],
        row["closed_by"], row["reopened"],
    )  # fmt: skip


def _row(one: Tracked) -> dict[str, Any]:
    return {
        "id": one.id, "scanner": one.latest.scanner, "status": one.status, "first_seen": one.first_seen,
        "last_seen": one.last_seen, "closed": one.closed, "closed_by": one.closed_by, "reopened": one.reopened,
        "latest": document_of(one.latest),
    }  # fmt: skip

"""Files of scanners and advisories into the book: what is bad is told, and a file that breaks off changes nothing."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from inventory.vulnerabilities.book import VulnerabilityBook
from inventory.vulnerabilities.errors import VulnerabilityFileUnreadable
from inventory.vulnerabilities.formats.registry import read_file
from inventory.vulnerabilities.kept import Counts
from inventory.vulnerabilities.model import Advisory, Item
from inventory.vulnerabilities.rechecking import scan_of
from sensors.errors import Place, Problem


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of one file: `scan` is the id of its scan, empty where it has none; `written`: whether it was kept.

    `repeated`: it was read before, and nothing was done.
    """

    file: str
    scan: str
    counts: Counts
    problems: tuple[Problem, ...]
    written: bool
    repeated: bool = False


def import_file(book: VulnerabilityBook, path: Path, now: int) -> Imported:
    """Read a file into the book.

    Raises:
        VulnerabilityFileUnreadable: it cannot be opened.
        VulnerabilityFormatUnknown: it has none of the formats.
    """
    name = digest(path)
    if book.has_scan(name):
        return Imported(str(path), name, Counts(), (), written=False, repeated=True)
    items = list(read_file(path))
    scanned, problems = scan_of(name, ended(items, now), items)
    if any(isinstance(one, VulnerabilityFileUnreadable) for one in problems):
        return Imported(str(path), "", Counts(), problems, written=False)
    advisories = [one for one in items if isinstance(one, Advisory)]
    there = bool(scanned.findings or scanned.coverage)
    counts = book.write(advisories, scanned if there else None, path.name, now)
    return Imported(str(path), name if there else "", counts, problems, written=there or bool(advisories))


def ended(items: list[Item], now: int) -> int:
    """When a scan ended: the last time that it tells, or now; nothing was seen in the future."""
    times = [
        at for one in items if not isinstance(one, Advisory | Problem)
        if (at := getattr(one, "ended", None) or getattr(one, "seen", None)) is not None
    ]  # fmt: skip
    return min(max(times, default=now), now)


def digest(path: Path) -> str:
    """The SHA-256 of a file.

    Raises:
        VulnerabilityFileUnreadable: it cannot be read.
    """
    try:
        with path.open("rb") as octets:
            return hashlib.file_digest(octets, "sha256").hexdigest()
    except OSError as error:
        raise VulnerabilityFileUnreadable(place=Place(str(path)), reason=error.strerror or str(error)) from error

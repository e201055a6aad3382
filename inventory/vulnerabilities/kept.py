"""What is kept of files that were read and of what people said: values of the book."""

from dataclasses import dataclass

from inventory.vulnerabilities.model import Advisory


@dataclass(frozen=True, slots=True)
class Told:
    """An advisory, and since when (ns) it is known here."""

    advisory: Advisory
    first: int


@dataclass(frozen=True, slots=True)
class Ownership:
    """Who looks after a finding or a match, with a note; who said so, and when (ns)."""

    owner: str
    note: str
    at: int
    by: str


@dataclass(frozen=True, slots=True)
class ScanKept:
    """A scan that was read: from which file, when it ended and when it was read (ns)."""

    id: str
    scanner: str
    at: int
    imported: int
    file: str


@dataclass(frozen=True, slots=True)
class Counts:
    """What a file changed: advisories that are new, changed and as they were; findings by what became of them."""

    new: int = 0
    changed: int = 0
    same: int = 0
    findings: int = 0
    opened: int = 0
    closed: int = 0
    reopened: int = 0

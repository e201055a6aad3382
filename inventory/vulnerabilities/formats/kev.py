"""CISA's catalogue of known exploited vulnerabilities, as JSON or CSV.

Specification: cisagov/kev-data, known_exploited_vulnerabilities_schema.json (cveID, vendorProject, product,
vulnerabilityName, dateAdded, dueDate, knownRansomwareCampaignUse); the CSV has the same names as headings. Its due date
binds agencies of the United States alone; here it is told and not taken as a deadline.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import IO, Any, Final

from inventory.vulnerabilities.errors import VulnerabilityEntryUnusable, VulnerabilityFileUnreadable
from inventory.vulnerabilities.formats.documents import array_objects
from inventory.vulnerabilities.formats.values import CVE, moment_of, several, text_of
from inventory.vulnerabilities.model import Advisory, Item
from sensors.errors import Place, Problem

SOURCE: Final = "kev"
LONGEST_ROW: Final = 1 << 20


def recognises(head: bytes) -> bool:
    """Whether a file begins as the catalogue does."""
    return b'"catalogVersion"' in head or (b'"cveID"' in head and b'"dateAdded"' in head)


def recognises_table(head: bytes) -> bool:
    """Whether a file begins as the catalogue's table does."""
    first = head.removeprefix(b"\xef\xbb\xbf").splitlines()[:1]
    return bool(first) and b"cveID" in first[0] and b"dateAdded" in first[0] and not first[0].lstrip().startswith(b"{")


def read_kev(octets: IO[bytes], place: str) -> Iterator[Item]:
    """Entries of the catalogue one by one."""
    for found in array_objects(octets, place, "vulnerabilities"):
        yield found if isinstance(found, Problem) else _advisory(found[1], Place(place, found[0]))


def read_kev_table(octets: IO[bytes], place: str) -> Iterator[Item]:
    """Rows of the table one by one."""
    lines = io.TextIOWrapper(octets, encoding="utf-8-sig", errors="replace", newline="")
    rows = csv.DictReader(_bounded(lines))
    try:
        while True:
            try:
                row = next(rows, None)
            except csv.Error as error:
                where = Place(place, rows.line_num)
                yield VulnerabilityEntryUnusable(place=where, value="", reason=str(error))
                continue
            if row is None:
                return
            yield _advisory(row, Place(place, rows.line_num))
    except (OSError, EOFError) as error:
        yield VulnerabilityFileUnreadable(place=Place(place, rows.line_num), reason=str(error))
    finally:
        # Whoever opened the file closes it.
        lines.detach()


def _bounded(lines: io.TextIOWrapper) -> Iterator[str]:
    while line := lines.readline(LONGEST_ROW):
        yield line


def _advisory(said: Mapping[str, Any], place: Place) -> Item:
    name = text_of(said.get("cveID"), 40).upper()
    if not CVE.fullmatch(name):
        return VulnerabilityEntryUnusable(place=place, value=name, reason="advisory-no-id")
    return Advisory(
        id=name,
        source=SOURCE,
        cves=(name,),
        published=moment_of(said.get("dateAdded")),
        exploited=True,
        due=moment_of(said.get("dueDate")),
        ransomware=text_of(said.get("knownRansomwareCampaignUse"), 20).lower() == "known",
        references=several(text_of(said.get("notes"), 4_000).replace(" ", "").split(";"), 20, 2_000),
        title_en=text_of(said.get("vulnerabilityName")),
    )

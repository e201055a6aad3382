"""Which formats there are, in order, and which one a file has, found by its content."""

import gzip
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, cast

from inventory.vulnerabilities.errors import VulnerabilityFileUnreadable, VulnerabilityFormatUnknown
from inventory.vulnerabilities.formats import cnnvd, kev, nessus, nuclei, nvd, openvas
from inventory.vulnerabilities.model import Item
from sensors.errors import Place

HEAD: Final = 64 << 10
"""A report of Nessus begins with its policy, and an answer of NVD with a head of its own."""


@dataclass(frozen=True, slots=True)
class Format:
    """One format: how it is recognised and read, and whether a specification or a program of its vendor says so."""

    name: str
    recognises: Callable[[bytes], bool]
    read: Callable[[IO[bytes], str], Iterator[Item]]
    verified: bool = True


FORMATS: Final[tuple[Format, ...]] = (
    Format("nessus", nessus.recognises, nessus.read_nessus),
    Format("cnnvd", cnnvd.recognises, cnnvd.read_cnnvd, verified=False),
    # Its root is called `report`, a word that others may use: after what is more certain.
    Format("openvas", openvas.recognises, openvas.read_openvas),
    Format("nuclei", nuclei.recognises, nuclei.read_nuclei),
    # Both have an array `vulnerabilities`: the catalogue tells its version before it.
    Format("kev", kev.recognises, kev.read_kev),
    Format("nvd", nvd.recognises, nvd.read_nvd),
    Format("kev-table", kev.recognises_table, kev.read_kev_table),
)


def detect(head: bytes, place: str) -> Format:
    """The format of a file that begins so.

    Raises:
        VulnerabilityFormatUnknown: it has none of them.
    """
    for one in FORMATS:
        if one.recognises(head):
            return one
    raise VulnerabilityFormatUnknown(place=Place(place), known=[one.name for one in FORMATS])


def read_file(path: Path) -> Iterator[Item]:
    """What a file holds, plain or gzip, one after the other; what is wrong with it is among it.

    Raises:
        VulnerabilityFileUnreadable: it cannot be opened.
        VulnerabilityFormatUnknown: it has none of the formats.
    """
    place = str(path)
    try:
        with path.open("rb") as opened:
            packed = opened.read(2) == b"\x1f\x8b"
        with cast("IO[bytes]", gzip.open(path, "rb")) if packed else path.open("rb") as octets:
            found = detect(octets.read(HEAD), place)
            octets.seek(0)
            yield from found.read(octets, place)
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise VulnerabilityFileUnreadable(place=Place(place), reason=reason) from error

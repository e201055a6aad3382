"""Opens an export of another program, by its format's name or as its content says, and gives its rows."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from inventory.foreign.errors import ForeignFormatUnknown, ForeignUnreadable
from inventory.foreign.model import NOTHING_ASSUMED, Assumed, Format, Found
from inventory.foreign.registry import FORMATS
from sensors.errors import Place

_HEAD: Final = 1 << 16


def format_of(path: Path, name: str | None = None) -> Format:
    """The format of a file.

    Raises:
        ForeignFormatUnknown: there is none of this name, or none recognises the file.
        ForeignUnreadable: the file cannot be read.
    """
    place = Place(str(path))
    try:
        with path.open("rb") as opened:
            head = opened.read(_HEAD)
    except OSError as error:
        raise ForeignUnreadable(place=place, reason=error.strerror or str(error)) from error
    for one in FORMATS:
        if one.name == name if name is not None else one.recognises(head):
            return one
    raise ForeignFormatUnknown(place=place, known=[one.name for one in FORMATS])


def read_foreign(path: Path, assumed: Assumed = NOTHING_ASSUMED, *, name: str | None = None) -> Iterator[Found]:
    """The rows that an export has for our registers, and what is wrong with others, in its order.

    Raises:
        ForeignFormatUnknown: there is no format of this name, or none recognises the file.
        ForeignUnreadable: it is not what its format says, which may be found on the way.
    """
    yield from format_of(path, name).read(path, assumed)

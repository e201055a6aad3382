"""Reading numbers, stretches and text from octets that may end anywhere or hold anything."""

from sensors.capture.protocols.model import NotThis


class Cursor:
    """A place in octets that moves forward; whatever is asked for behind their end is `NotThis`."""

    def __init__(self, octets: bytes, at: int = 0, end: int | None = None, *, little: bool = False) -> None:
        """Read `octets[at:end]`; `little`: numbers come with their lowest octet first."""
        self.octets = octets
        self.at = at
        self.end = len(octets) if end is None else min(end, len(octets))
        self._order = "little" if little else "big"

    @property
    def left(self) -> int:
        """How many octets are left."""
        return self.end - self.at

    def take(self, size: int) -> bytes:
        """The next octets."""
        if size < 0 or self.at + size > self.end:
            raise NotThis("it ends too early")
        self.at += size
        return self.octets[self.at - size : self.at]

    def rest(self) -> bytes:
        """Whatever is left."""
        return self.take(self.left)

    def skip(self, size: int) -> None:
        """Pass over octets."""
        self.take(size)

    def number(self, size: int) -> int:
        """The next octets as a number without sign."""
        return int.from_bytes(self.take(size), "little" if self._order == "little" else "big")

    def u8(self) -> int:
        """The next octet."""
        return self.number(1)

    def u16(self) -> int:
        """The next two octets as a number."""
        return self.number(2)

    def u32(self) -> int:
        """The next four octets as a number."""
        return self.number(4)

    def part(self, size: int) -> "Cursor":
        """The next octets as a cursor of their own."""
        self.skip(size)
        return Cursor(self.octets, self.at - size, self.at, little=self._order == "little")


def text(octets: bytes, most: int = 512) -> str:
    """Octets as text: UTF-8 where it is, else each other octet in hexadecimal; of the first `most`."""
    return octets[:most].decode("utf-8", "backslashreplace")


def mac(octets: bytes) -> str:
    """A hardware address as ECS writes it (RFC 7042 section 2.1): upper case, with hyphens."""
    return octets.hex("-").upper()


def wide(octets: bytes, most: int = 512) -> str:
    """Octets as text of two octets each, the lowest first, as Windows writes it; of the first `most`."""
    return octets[: most & ~1].decode("utf-16-le", "backslashreplace").rstrip("\0")

"""Many lines as one stretch of octets, as compiled code takes them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt


class Block(NamedTuple):
    """Lines one behind the other, an octet between them.

    `starts` says where each begins, and where one behind the last would.
    """

    data: npt.NDArray[np.uint8]
    starts: npt.NDArray[np.int64]

    @classmethod
    def of(cls, lines: Sequence[bytes]) -> "Block":
        """The block of some lines."""
        starts = np.zeros(len(lines) + 1, np.int64)
        np.cumsum(np.fromiter(map(len, lines), np.int64, len(lines)) + 1, out=starts[1:])
        return cls(np.frombuffer(b"\n".join([*lines, b""]), np.uint8), starts)

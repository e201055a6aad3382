"""The one way in which the room compiles its kernels, with types kept for the type checker.

Numba's cache notices a change in the function's own file only: after changing a kernel that another file calls, clear
the cache (`__pycache__/*.nbi`). Compiled code checks no bounds, so each kernel checks before it reads.
"""

from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt

Octets: TypeAlias = npt.NDArray[np.uint8]
Words: TypeAlias = npt.NDArray[np.int64]
Longs: TypeAlias = npt.NDArray[np.uint64]

_Kernel = TypeVar("_Kernel", bound=Callable[..., Any])


def compiled(function: _Kernel) -> _Kernel:
    """The function as machine code, compiled at its first call and cached on disk, releasing the interpreter lock.

    Kernels make no arrays of their own, so they are compiled without numba's counting of references: a table of sixteen
    arrays was counted up and down at every call, which took two thirds of the time.
    """
    options: dict[str, Any] = {"cache": True, "nogil": True, "_nrt": False}
    return cast("_Kernel", numba.njit(**options)(function))


@compiled
def octet(data: Octets, at: int) -> int:
    """The octet at `at` as a signed number, since mixing unsigned ones with literals would make them floats."""
    return np.int64(data[at])  # type: ignore[return-value]


@compiled
def be16(data: Octets, at: int) -> int:
    """The two octets at `at` in network order; the caller has checked that they are there."""
    return (octet(data, at) << 8) | octet(data, at + 1)


@compiled
def be32(data: Octets, at: int) -> int:
    """The four octets at `at` in network order; the caller has checked that they are there."""
    return (octet(data, at) << 24) | (octet(data, at + 1) << 16) | (octet(data, at + 2) << 8) | octet(data, at + 3)


@compiled
def le32(data: Octets, at: int) -> int:
    """The four octets at `at` with the lowest first; the caller has checked that they are there."""
    return (octet(data, at + 3) << 24) | (octet(data, at + 2) << 16) | (octet(data, at + 1) << 8) | octet(data, at)


@compiled
def be64(data: Octets, at: int) -> np.uint64:
    """The eight octets at `at` in network order; the caller has checked that they are there."""
    return (np.uint64(be32(data, at)) << np.uint64(32)) | np.uint64(be32(data, at + 4))


@compiled
def either16(data: Octets, at: int, big: int) -> int:
    """Two octets in the file's own order; the caller has checked that they are there."""
    if big:
        return (octet(data, at) << 8) | octet(data, at + 1)
    return (octet(data, at + 1) << 8) | octet(data, at)


@compiled
def either32(data: Octets, at: int, big: int) -> int:
    """Four octets in the file's own order; the caller has checked that they are there."""
    return be32(data, at) if big else le32(data, at)

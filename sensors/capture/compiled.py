"""The one way in which the room compiles its kernels, with types kept for the type checker.

Compiled code checks no bounds, so each kernel checks before it reads.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, Final, TypeAlias, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt
import structlog

from sensors.capture import kernels

Octets: TypeAlias = npt.NDArray[np.uint8]
Halves: TypeAlias = npt.NDArray[np.int32]
Words: TypeAlias = npt.NDArray[np.int64]
Longs: TypeAlias = npt.NDArray[np.uint64]

_Kernel = TypeVar("_Kernel", bound=Callable[..., Any])

_CONFIG: Final[Any] = numba.config  # its names are made when it is loaded, so that no type checker knows them
_FOLDER: Final = kernels.folder()
_PREPARED: Final = _FOLDER is not None and any(_FOLDER.rglob("*.nbi"))


OPTIONS: Final[dict[str, Any]] = {"nogil": True, "_nrt": False}
"""How kernels are compiled: releasing the interpreter lock, and without numba's counting of references.

Kernels make no arrays of their own, and a table of twenty arrays was counted up and down at every call, which took two
thirds of the time. Numba has no public option for that (only for the GPU, where nothing is counted); a test fails, and
says what to do, once it stops knowing this one.
"""
INLINED: Final[dict[str, Any]] = {"forceinline": True, **OPTIONS}
"""How parts of kernels are compiled: LLVM is told to inline them whatever it thinks of it. Numba knows the option and
does not describe it; a test fails, and says what to do, once it stops knowing it."""


def compiled(function: _Kernel) -> _Kernel:
    """The function as machine code, compiled at its first call and kept on disk."""
    before = _CONFIG.CACHE_DIR
    # Numba asks for the folder once, when it is told to keep a function's code.
    _CONFIG.CACHE_DIR = "" if _FOLDER is None else str(_FOLDER)
    try:
        return cast("_Kernel", numba.njit(cache=_FOLDER is not None, **OPTIONS)(function))
    finally:
        _CONFIG.CACHE_DIR = before


def inlined(function: _Kernel) -> _Kernel:
    """The function as a part of the machine code of whatever kernel calls it, for what is called for every packet.

    A call hands the whole table over word by word, some hundred and fifty of them, which takes longer than most of
    these functions do; so it is for functions that are called from few places.
    """
    return cast("_Kernel", numba.njit(**INLINED)(function))


@cache
def announce() -> None:
    """Say once that reading waits for the kernels to be compiled, where they were not kept from an earlier run."""
    if not _PREPARED and not _CONFIG.DISABLE_JIT:
        kept = "nowhere: there is no folder to write to" if _FOLDER is None else str(_FOLDER)
        structlog.get_logger().warning("compiling the capture kernels", takes="about a minute", kept_in=kept)


@compiled
def octet(data: Octets, at: int) -> int:
    """The octet at `at` as a signed number, since mixing unsigned ones with literals would make them floats.

    The place is made unsigned, or numba would ask of each one whether it counts from the array's end.
    """
    return np.int64(data[np.uint64(at)])  # type: ignore[return-value]


@compiled
def copy(source: Octets, at: int, end: int, out: Octets, to: int) -> int:
    """Copy `source[at:end]` to the place `to` on, in stretches of many octets at once; where the copy ends."""
    if at < 0 or to < 0 or end <= at:
        # Nothing else happens ever; said here, it lets the compiler take many octets in one step.
        return to
    for place in range(end - at):
        out[to + place] = source[at + place]
    return to + end - at


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


@inlined
def mix(digest: np.uint64, word: np.uint64) -> np.uint64:
    """A digest with one word more in it, for hash tables (not against anybody who knows the digest it began with)."""
    digest = (digest ^ word) * np.uint64(0x9E3779B97F4A7C15)
    return digest ^ (digest >> np.uint64(29))

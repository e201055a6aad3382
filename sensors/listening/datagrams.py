"""Datagrams, many with one call (recvmmsg), from a socket whose receive buffer and losses are known.

The kernel drops what its buffer cannot hold and counts it (SO_MEMINFO, the counter that SO_RXQ_OVFL passes on, which
can be asked for without waiting for the next datagram). Where the system tells no count the loss is *unknown*, not 0.
"""

import ctypes
import select
import socket
import struct
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt

SLOTS = 1_024
SLOT_BYTES = 65_536
"""A datagram of IP, jumbograms apart, has 65,507 bytes of payload at most: none is ever cut."""

_SO_RCVBUFFORCE: Final = 33
_SO_MEMINFO: Final = 55
_MEMINFO = struct.Struct("9I")
_DROPS: Final = 8
_LARGEST_BUFFER: Final = (1 << 30) - 1
"""More than the kernel takes is no number to it."""
_NAME_BYTES: Final = 28
"""sizeof(struct sockaddr_in6)"""

# struct mmsghdr of Linux on 64-bit machines: a msghdr and the length that was received.
_HEADER = np.dtype([
    ("name", "u8"), ("name_length", "u4"), ("_a", "u4"), ("vector", "u8"), ("vectors", "u8"), ("control", "u8"),
    ("control_length", "u8"), ("flags", "i4"), ("_b", "u4"), ("length", "u4"), ("_c", "u4"),
])  # fmt: skip
_VECTOR = np.dtype([("base", "u8"), ("length", "u8")])


def _recvmmsg() -> Any:
    # PyDLL keeps the interpreter's lock: the call never waits, and asking for the lock again would take longer.
    if struct.calcsize("P") != 8:
        return None
    found = getattr(ctypes.PyDLL(None, use_errno=True), "recvmmsg", None)
    if found is not None:
        found.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_uint, ctypes.c_int, ctypes.c_void_p]
    return found


class Datagrams:
    """Reads a bound socket."""

    def __init__(self, bound: socket.socket) -> None:
        self._socket = bound
        self._socket.setblocking(False)  # noqa: FBT003 - the library's own signature
        self._call = _recvmmsg()
        self._dropped = self._drops() or 0
        self._poll = select.poll()
        self._poll.register(bound, select.POLLIN)
        if self._call is not None:
            self._prepare()

    def _prepare(self) -> None:
        self._buffer = np.zeros(SLOTS * SLOT_BYTES, np.uint8)
        self._view = memoryview(self._buffer.data)
        self._names = np.zeros((SLOTS, _NAME_BYTES), np.uint8)
        self._vectors = np.zeros(SLOTS, _VECTOR)
        self._headers = np.zeros(SLOTS, _HEADER)
        numbers = np.arange(SLOTS, dtype=np.uint64)
        self._vectors["base"] = self._buffer.ctypes.data + numbers * SLOT_BYTES
        self._vectors["length"] = SLOT_BYTES
        self._headers["name"] = self._names.ctypes.data + numbers * _NAME_BYTES
        self._headers["vector"] = self._vectors.ctypes.data + numbers * _VECTOR.itemsize
        self._headers["vectors"] = 1

    def wait(self, seconds: float) -> bool:
        """Wait until something is there; False if it took longer."""
        return bool(self._poll.poll(seconds * 1_000))

    def read(self) -> Iterator[tuple[str, list[bytes]]]:
        """What is there, up to `SLOTS` datagrams, by sender."""
        if self._call is None:
            yield from self._one_by_one()
            return
        self._headers["name_length"] = _NAME_BYTES
        count = self._call(self._socket.fileno(), self._headers.ctypes.data, SLOTS, socket.MSG_DONTWAIT, None)
        if count <= 0:
            return
        view = self._view
        texts = [
            view[start : start + length].tobytes()
            for start, length in zip(_STARTS, self._headers["length"][:count].tolist(), strict=False)
        ]
        keys = self._keys(count)
        if (keys == keys[0]).all():
            yield self._sender(0), texts
            return
        _, firsts, which = np.unique(keys, return_index=True, return_inverse=True)
        order = np.argsort(which, kind="stable").tolist()
        ends = np.cumsum(np.bincount(which)).tolist()
        begin = 0
        for first, end in zip(firsts.tolist(), ends, strict=True):
            yield self._sender(first), [texts[index] for index in order[begin:end]]
            begin = end

    def lost(self) -> int | None:
        """How many datagrams the kernel has dropped since it was asked last; None where it does not say."""
        drops = self._drops()
        if drops is None:
            return None
        new = (drops - self._dropped) & 0xFFFF_FFFF
        self._dropped = drops
        return new

    def close(self) -> None:
        """Let go of the socket."""
        self._socket.close()

    def _drops(self) -> int | None:
        try:
            told = self._socket.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, _MEMINFO.size)
        except OSError:
            return None
        return int(_MEMINFO.unpack(told)[_DROPS]) if len(told) == _MEMINFO.size else None

    def _keys(self, count: int) -> npt.NDArray[Any]:
        """What tells senders apart: the address without the port."""
        if self._socket.family == socket.AF_INET:
            return self._names[:count, 4:8].copy().view(np.uint32)[:, 0]
        return self._names[:count, 8:24].copy().view("V16")[:, 0].astype("S16")

    def _sender(self, index: int) -> str:
        name = self._names[index]
        if self._socket.family == socket.AF_INET:
            return socket.inet_ntop(socket.AF_INET, name[4:8].tobytes())
        return plain_address(socket.inet_ntop(socket.AF_INET6, name[8:24].tobytes()))

    def _one_by_one(self) -> Iterator[tuple[str, list[bytes]]]:
        found: dict[str, list[bytes]] = {}
        for _ in range(SLOTS):
            try:
                data, address = self._socket.recvfrom(SLOT_BYTES)
            except (BlockingIOError, InterruptedError):
                break
            found.setdefault(plain_address(address[0]), []).append(data)
        yield from found.items()


_STARTS = range(0, SLOTS * SLOT_BYTES, SLOT_BYTES)


def plain_address(text: str) -> str:
    """An address without its zone, and an IPv4 one that came over an IPv6 socket as what it is."""
    return text.partition("%")[0].removeprefix("::ffff:")


def enlarge(bound: socket.socket, wanted: int) -> int:
    """Ask for a receive buffer; returns how many bytes were granted.

    The kernel doubles what it is asked for, to have room for its own book-keeping, and says the doubled number. Beyond
    `net.core.rmem_max` it grants only with CAP_NET_ADMIN (SO_RCVBUFFORCE); socket(7).
    """
    wanted = min(wanted, _LARGEST_BUFFER)
    try:
        bound.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, wanted)
    except OSError:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, wanted)
    return bound.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) // 2

"""The kernel's ring of one interface: an AF_PACKET socket with TPACKET_V3 blocks mapped into memory.

packet(7) and the kernel's Documentation/networking/packet_mmap.rst. Blocks are taken in order: the kernel hands one
over when it is full or `RETIRE_MS` old, we hand it back when nothing of it is needed any more.
"""

import contextlib
import ctypes
import errno
import fcntl
import mmap
import os
import select
import socket
import struct
import sys
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from sensors.capture.choosing import Choice
from sensors.capture.errors import CaptureRefused, InterfaceUnusable
from sensors.capture.live.absence import Presence
from sensors.capture.live.block import B_STATUS, TAG_BYTES
from sensors.capture.live.filter import Instruction, everything, packed

BLOCK_BYTES: Final = 1 << 20
LEAST_BLOCKS: Final = 4
RETIRE_MS: Final = 60
_FRAME_BYTES: Final = 2_048
"""Of no meaning for TPACKET_V3 but that the kernel's sums must agree."""

_SOL_PACKET: Final = 263
_ADD_MEMBERSHIP: Final = 1
_RX_RING: Final = 5
_STATISTICS: Final = 6
_VERSION: Final = 10
_RESERVE: Final = 12
_TIMESTAMP: Final = 17
_IGNORE_OUTGOING: Final = 23
_V3: Final = 2
_PROMISCUOUS: Final = 1
_ATTACH_FILTER: Final = 26
_RAW_HARDWARE: Final = 1 << 6
_ALL: Final = 3
_USER: Final = 1
_GET_FLAGS: Final = 0x8913
_GET_HARDWARE: Final = 0x8927
_UP: Final = 1
_LOOPBACK: Final = 772
LINKS: Final = {1: 1, _LOOPBACK: 1, 519: 101, 0xFFFE: 101}
"""Link types by the hardware types of interfaces (linux/if_arp.h): Ethernet, loopback, and IP without a link layer."""
_REFUSED: Final = frozenset({errno.EPERM, errno.EACCES})


@dataclass(frozen=True, slots=True)
class Statistics:
    """What the kernel counted since the ring was opened."""

    packets: int
    """That passed the filter, those without room among them."""
    drops: int
    """That passed the filter and found no room."""
    freezes: int
    """How often the ring was full."""


class Ring:
    """An open ring.

    Attributes:
        interface: its name.
        link: link type of its packets (LINKTYPE_).
        data: all octets of the ring.
        blocks: how many blocks it has.
        snap: how many octets of each packet were asked for.
        filter: what was asked for, as a person wrote it.
        choice: of which protocols messages are to be read; None: of all.
    """

    snap = 262_144
    filter = ""
    choice: Choice | None = None

    def __init__(
        self, interface: str, program: tuple[Instruction, ...], *, ring_bytes: int, promiscuous: bool = True,
        hardware_time: bool = False,
    ) -> None:
        """Open a ring and begin to capture.

        Raises:
            CaptureRefused: the process has no right to capture (CAP_NET_RAW), or the kernel no memory for the ring.
            InterfaceUnusable: there is no such interface, or it is of a kind that cannot be captured.
        """
        self.interface = interface
        self._promiscuous = promiscuous
        self.blocks = max(LEAST_BLOCKS, ring_bytes // BLOCK_BYTES)
        self._at = 0
        self._total = [0, 0, 0]
        self._map: mmap.mmap | None = None
        try:
            # Protocol 0: nothing comes in before the filter stands.
            self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_CLOEXEC, 0)
        except OSError as error:
            raise self._refused(error) from error
        try:
            self._open(program, hardware_time=hardware_time)
        except OSError as error:
            self.close()
            raise self._refused(error) from error
        except BaseException:
            self.close()
            raise

    def _open(self, program: tuple[Instruction, ...], *, hardware_time: bool) -> None:
        one = self._socket
        one.setsockopt(_SOL_PACKET, _VERSION, _V3)
        one.setsockopt(_SOL_PACKET, _RESERVE, TAG_BYTES)
        _attach(one, program)
        size = BLOCK_BYTES * self.blocks
        request = (BLOCK_BYTES, self.blocks, _FRAME_BYTES, size // _FRAME_BYTES, RETIRE_MS, 0, 0)
        one.setsockopt(_SOL_PACKET, _RX_RING, struct.pack("7I", *request))
        if hardware_time:
            one.setsockopt(_SOL_PACKET, _TIMESTAMP, _RAW_HARDWARE)
        self._map = mmap.mmap(one.fileno(), size, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE)
        self.data = np.frombuffer(self._map, np.uint8)
        self._status = self.data.view(np.uint32)[B_STATUS // 4 :: BLOCK_BYTES // 4]
        self._hardware = self._hardware_type()
        if self._hardware not in LINKS:
            raise InterfaceUnusable(interface=self.interface, reason=f"hardware type {self._hardware} is not decoded")
        self.link = LINKS[self._hardware]
        if self._hardware == _LOOPBACK:
            # Each packet would be seen twice: as it leaves and as it comes in.
            one.setsockopt(_SOL_PACKET, _IGNORE_OUTGOING, 1)
        self._bind()
        self._poll = select.poll()
        self._poll.register(one, select.POLLIN | select.POLLERR)

    def _hardware_type(self) -> int:
        """The hardware type of the interface that has this ring's name (ARPHRD_)."""
        return int.from_bytes(self._asked(_GET_HARDWARE)[16:18], sys.byteorder)

    def _asked(self, request: int) -> bytes:
        """What the kernel says of the interface of this name (netdevice(7)).

        Raises:
            InterfaceUnusable: there is no such interface.
        """
        try:
            return fcntl.ioctl(self._socket, request, struct.pack("16s24x", self.interface.encode()))
        except OSError as error:
            raise InterfaceUnusable(interface=self.interface, reason="no such interface") from error

    def _bind(self) -> None:
        index = socket.if_nametoindex(self.interface)
        if self._promiscuous:
            wanted = struct.pack("IHH8s", index, _PROMISCUOUS, 0, bytes(8))
            self._socket.setsockopt(_SOL_PACKET, _ADD_MEMBERSHIP, wanted)
        self._socket.bind((self.interface, _ALL))

    def _refused(self, error: OSError) -> CaptureRefused | InterfaceUnusable:
        reason = os.strerror(error.errno) if error.errno else str(error)
        if error.errno in {errno.ENODEV, errno.ENXIO, errno.ENETDOWN}:
            return InterfaceUnusable(interface=self.interface, reason=reason)
        return CaptureRefused(interface=self.interface, reason=reason)

    def ready(self, ahead: int = 0) -> int:
        """Where the block begins that is to be taken next (or `ahead` blocks after it); -1 if it is not ours yet."""
        number = (self._at + ahead) % self.blocks
        return number * BLOCK_BYTES if ahead < self.blocks and self._status[number] & _USER else -1

    def release(self, count: int) -> None:
        """Hand the next `count` blocks back to the kernel."""
        for _ in range(count):
            self._status[self._at] = 0
            self._at = (self._at + 1) % self.blocks

    def wait(self, seconds: float) -> None:
        """Wait until a block is ready, or so long."""
        for _, happened in self._poll.poll(seconds * 1_000):
            if happened & select.POLLERR:
                # Reading the error clears it; what it means is `presence`'s to say.
                self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)

    def presence(self) -> Presence:
        """Whether the interface is there, and up.

        It is asked, not waited for: one that goes while it is down raises no error on the socket.
        """
        if not self._socket.getsockname()[0]:
            return Presence.GONE
        try:
            flags = int.from_bytes(self._asked(_GET_FLAGS)[16:18], sys.byteorder)
        except InterfaceUnusable:
            # Renamed: the ring follows its interface, whatever it is called.
            return Presence.HERE
        return Presence.HERE if flags & _UP else Presence.DOWN

    def take_up(self) -> None:
        """Capture the interface that has this name now, after the first one has gone; needs no rights.

        The ring, its filter and its counts stay.

        Raises:
            InterfaceUnusable: there is none, or its packets are of another kind than those of the first.
        """
        hardware = self._hardware_type()
        if hardware != self._hardware:
            reason = f"it came back with hardware type {hardware} instead of {self._hardware}"
            raise InterfaceUnusable(interface=self.interface, reason=reason)
        try:
            self._bind()
        except OSError as error:
            raise InterfaceUnusable(interface=self.interface, reason=error.strerror or str(error)) from error

    def statistics(self) -> Statistics | None:
        """What the kernel has counted since the ring was opened; None if it does not say.

        The kernel begins anew whenever it is asked, so every answer is added up here.
        """
        try:
            answer = struct.unpack("III", self._socket.getsockopt(_SOL_PACKET, _STATISTICS, 12))
        except (OSError, struct.error):
            return None
        self._total = [total + more for total, more in zip(self._total, answer, strict=True)]
        return Statistics(*self._total)

    def shut(self) -> None:
        """Let no further packet into the ring; what is in it may still be taken."""
        # An interface that has gone lets nothing in anyway.
        with contextlib.suppress(OSError):
            _attach(self._socket, everything(0))

    def close(self) -> None:
        """End the capture; the octets of the ring must not be looked at any more."""
        self._socket.close()
        if self._map is not None:
            del self.data, self._status
            # Whoever still has an array of its octets keeps the mapping until that goes, too.
            with contextlib.suppress(BufferError):
                self._map.close()
            self._map = None


def _attach(one: socket.socket, program: tuple[Instruction, ...]) -> None:
    """Let the kernel filter, and cut packets to what the program says."""
    octets = ctypes.create_string_buffer(packed(program))
    request: Any = struct.pack("HP", len(program), ctypes.addressof(octets))
    one.setsockopt(socket.SOL_SOCKET, _ATTACH_FILTER, request)

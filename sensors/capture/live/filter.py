"""Capture filters in the language of pcap-filter(7), compiled to BPF by libpcap, or by tcpdump where that is missing.

For an interface the filter is compiled on a handle of that interface if the rights are there, since the kernel keeps
VLAN tags beside the packet and libpcap knows where to look; for stored packets it is compiled for their link type.
"""

import ctypes
import ctypes.util
import shutil
import struct
import subprocess
from dataclasses import dataclass
from typing import Any, Final

from sensors.capture.errors import FilterCompilerMissing, FilterUnusable

_ERROR_BYTES: Final = 256
_TCPDUMP_SECONDS: Final = 10.0
_NO_NETMASK: Final = 0xFFFFFFFF
MOST_INSTRUCTIONS: Final = 4_096
"""BPF_MAXINSNS: the kernel takes no longer program."""
_RETURN: Final = 0x06
REMEDY: Final = "apt-get install libpcap0.8"


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction of a classic BPF program (linux/filter.h, struct sock_filter)."""

    code: int
    jt: int
    jf: int
    k: int


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_uint), ("instructions", ctypes.c_void_p))


def everything(snap: int) -> tuple[Instruction, ...]:
    """The program that lets every packet through, cut to `snap` octets."""
    return (Instruction(_RETURN, 0, 0, snap),)


def compile_filter(text: str, *, link: int = 1, snap: int, interface: str = "") -> tuple[Instruction, ...]:
    """The BPF program of a filter.

    Args:
        text: the filter; empty: everything.
        link: link type of the packets (DLT_, the same number as LINKTYPE_ for those that are decoded but raw IP).
        snap: how many octets of each packet are kept.
        interface: the interface whose packets the kernel will filter; empty: packets as they are stored.

    Raises:
        FilterUnusable: the compiler does not understand the filter.
        FilterCompilerMissing: neither libpcap nor tcpdump is installed.
    """
    if not text.strip():
        return everything(snap)
    if "\0" in text:
        raise FilterUnusable(filter=text, reason="it contains a null octet")
    found = library()
    if found is not None:
        return _by_library(found, text, link, snap, interface)
    return _by_tcpdump(text, interface, snap)


def library() -> Any:
    """The library with the types of what is called; None where it is not installed."""
    name = ctypes.util.find_library("pcap") or "libpcap.so.0.8"
    try:
        found = ctypes.CDLL(name)
    except OSError:
        return None
    found.pcap_create.restype = found.pcap_open_dead.restype = ctypes.c_void_p
    found.pcap_create.argtypes = (ctypes.c_char_p, ctypes.c_char_p)
    found.pcap_open_dead.argtypes = (ctypes.c_int, ctypes.c_int)
    found.pcap_activate.argtypes = found.pcap_close.argtypes = (ctypes.c_void_p,)
    found.pcap_set_snaplen.argtypes = (ctypes.c_void_p, ctypes.c_int)
    found.pcap_compile.argtypes = (
        ctypes.c_void_p, ctypes.POINTER(_Program), ctypes.c_char_p, ctypes.c_int, ctypes.c_uint32,
    )
    found.pcap_geterr.restype = ctypes.c_char_p
    found.pcap_geterr.argtypes = (ctypes.c_void_p,)
    found.pcap_freecode.argtypes = (ctypes.POINTER(_Program),)
    found.pcap_freecode.restype = found.pcap_close.restype = None
    return found


def _by_library(pcap: Any, text: str, link: int, snap: int, interface: str) -> tuple[Instruction, ...]:
    handle = _handle(pcap, link, snap, interface)
    program = _Program()
    try:
        if pcap.pcap_compile(handle, ctypes.byref(program), text.encode(), 1, _NO_NETMASK):
            reason = (pcap.pcap_geterr(handle) or b"").decode("utf-8", "backslashreplace")
            raise FilterUnusable(filter=text, reason=reason)
        try:
            raw = ctypes.string_at(program.instructions, program.length * 8)
        finally:
            pcap.pcap_freecode(ctypes.byref(program))
    finally:
        pcap.pcap_close(handle)
    return tuple(Instruction(*fields) for fields in struct.iter_unpack("=HBBI", raw))


def _handle(pcap: Any, link: int, snap: int, interface: str) -> Any:
    """A handle to compile on: of the interface where that can be opened, else of the link type alone."""
    if interface:
        words = ctypes.create_string_buffer(_ERROR_BYTES)
        live = pcap.pcap_create(interface.encode(), words)
        if live:
            pcap.pcap_set_snaplen(live, snap)
            # What is greater than 0 is a warning, such as that the interface has no promiscuous mode.
            if pcap.pcap_activate(live) >= 0:
                return live
            pcap.pcap_close(live)
    # DLT_RAW is 12 on Linux where LINKTYPE_RAW is 101.
    return pcap.pcap_open_dead(12 if link == 101 else link, snap)


def _by_tcpdump(text: str, interface: str, snap: int) -> tuple[Instruction, ...]:
    program = shutil.which("tcpdump")
    if program is None:
        raise FilterCompilerMissing(remedy=REMEDY)
    where = ["-i", interface] if interface else ["-y", "EN10MB"]
    try:
        done = subprocess.run(  # noqa: S603 - no shell; the filter is one argument behind the end of options
            [program, *where, "-s", str(snap), "-ddd", "--", text],
            capture_output=True, timeout=_TCPDUMP_SECONDS, check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise FilterUnusable(filter=text, reason="tcpdump did not answer") from error
    if done.returncode:
        raise FilterUnusable(filter=text, reason=done.stderr.decode("utf-8", "backslashreplace").strip())
    lines = done.stdout.decode("ascii", "replace").split("\n")[1:]
    return tuple(Instruction(*map(int, line.split())) for line in lines if line.strip())


def packed(program: tuple[Instruction, ...]) -> bytes:
    """The program as the kernel takes it, an array of struct sock_filter."""
    return b"".join(struct.pack("=HBBI", one.code, one.jt, one.jf, one.k) for one in program)

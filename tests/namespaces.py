"""Networks of their own for tests: a network namespace of this process, with veth pairs in it."""

import ctypes
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_NEW_NETWORK = 0x4000_0000


@contextmanager
def own_network() -> Iterator[None]:
    """This thread, and what it starts, in a network of its own; the test is skipped where that is not allowed."""
    libc = ctypes.CDLL(None, use_errno=True)
    if shutil.which("ip") is None:
        pytest.skip("networks of one's own need the program ip (iproute2)")
    before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        if libc.unshare(_NEW_NETWORK):
            pytest.skip("making a network namespace needs root (CAP_SYS_ADMIN)")
        try:
            Path("/proc/sys/net/ipv6/conf/default/disable_ipv6").write_text("1")
            ip("link", "set", "lo", "up")
            yield
        finally:
            assert libc.setns(before, _NEW_NETWORK) == 0
    finally:
        os.close(before)


def ip(*words: str) -> None:
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False, timeout=20)
    if done.returncode:
        if "veth" in words:
            pytest.skip(f"this kernel makes no veth pair: {done.stderr.strip()}")
        raise AssertionError(done.stderr)


def veth(one: str = "near", other: str = "far") -> None:
    """A pair of interfaces: what is sent on one comes in on the other."""
    ip("link", "add", one, "type", "veth", "peer", "name", other)
    for name in (one, other):
        ip("link", "set", name, "up")


def send(interface: str, packets: Iterable[bytes], *, pause: float = 0.0) -> int:
    """Send frames as they are; how many."""
    count = 0
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as sender:
        sender.bind((interface, 0))
        for packet in packets:
            while True:
                try:
                    sender.send(packet)
                    break
                except OSError as error:
                    if error.errno != 105:  # ENOBUFS: the queue is full for a moment
                        raise
                    time.sleep(0.001)
            count += 1
            if pause:
                time.sleep(pause)
    return count

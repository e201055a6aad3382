"""Giving up rights once the rings are open: nothing that reads hostile packets should be able to do more than read.

As root the process becomes another user for good (setgroups(2), setgid(2), setuid(2)); as anybody else it gives up the
capabilities that let it capture (capabilities(7)). Either way no program that it starts can gain rights again
(PR_SET_NO_NEW_PRIVS, prctl(2)).
"""

import ctypes
import os
import pwd
import struct
from pathlib import Path
from typing import Final

from sensors.capture.errors import RightsNotDropped

_NO_NEW_PRIVILEGES: Final = 38
_CAPSET: Final = {"x86_64": 126, "aarch64": 91}
"""The system call's number by machine (asm/unistd.h); the C library has no function for it."""
_CAPABILITY_VERSION_3: Final = 0x20080522
_AMBIENT: Final = 47
_AMBIENT_CLEAR_ALL: Final = 4


def drop(user: str) -> str:
    """Become `user`; without one only capabilities are given up, which root keeps by being root.

    Returns:
        The name of whom the process runs as now, for the journal.

    Raises:
        RightsNotDropped: there is no such user, or the system does not let us, or would let us back.
    """
    if user and os.geteuid() == 0:
        _become(user)
    elif user and _name(os.geteuid()) != user:
        raise RightsNotDropped(user=user, reason=f"only root can become another user; this is {_name(os.geteuid())}")
    elif os.geteuid() != 0:
        _give_up_capabilities(user)
    _libc().prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    return _name(os.geteuid())


def _become(user: str) -> None:
    try:
        entry = pwd.getpwnam(user)
    except KeyError as error:
        raise RightsNotDropped(user=user, reason="no such user") from error
    if entry.pw_uid == 0:
        raise RightsNotDropped(user=user, reason="this user is root")
    try:
        os.initgroups(user, entry.pw_gid)
        os.setresgid(entry.pw_gid, entry.pw_gid, entry.pw_gid)
        os.setresuid(entry.pw_uid, entry.pw_uid, entry.pw_uid)
    except OSError as error:
        raise RightsNotDropped(user=user, reason=error.strerror or str(error)) from error
    try:
        os.setuid(0)
    except OSError:
        pass
    else:
        raise RightsNotDropped(user=user, reason="the system lets the process become root again")
    os.environ.update({"HOME": entry.pw_dir, "USER": user, "LOGNAME": user})
    if capabilities():
        raise RightsNotDropped(user=user, reason="capabilities are left")


def _give_up_capabilities(user: str) -> None:
    libc = _libc()
    libc.prctl(_AMBIENT, _AMBIENT_CLEAR_ALL, 0, 0, 0)
    number = _CAPSET.get(os.uname().machine)
    if number is not None and capabilities():
        head = struct.pack("=Ii", _CAPABILITY_VERSION_3, 0)
        libc.syscall(number, head, bytes(24))
    if capabilities():
        raise RightsNotDropped(user=user or _name(os.geteuid()), reason="capabilities are left")


def capabilities() -> int:
    """The effective and permitted capabilities of this process, as bits."""
    lines = Path("/proc/thread-self/status").read_bytes().splitlines()
    found = dict(line.split(b":\t", 1) for line in lines if line.startswith((b"CapEff:", b"CapPrm:")))
    return int(found[b"CapEff"], 16) | int(found[b"CapPrm"], 16)


def _name(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)

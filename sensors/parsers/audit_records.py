"""Records of Linux audit: type, time, serial, node and fields, with what is encoded in them made plain.

Linux, kernel/audit.c (audit_log_untrustedstring, audit_log_n_hex) and include/uapi/linux/audit.h; audit-userspace,
docs and "Audit Event Fields" (specs/fields). Strings that a sender could choose stand in quotes, or as hexadecimal
digits where they hold blanks or quotes. Enriched logs put the names of ids behind a byte 1D, in upper case.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

from sensors.parsers.declared.pairs import Dialect, scan

_RECORD = re.compile(
    r"(?:node=(\S+) )?type=([A-Z][A-Z0-9_]*|UNKNOWN\[\d+\]) msg=audit\((\d{1,12})\.(\d{1,9}):(\d{1,20})\):[ ]?(.*)",
    re.DOTALL,
)
_INNER = re.compile(r"\bmsg='(.*?)'(?=\s|$|\x1d)", re.DOTALL)
_HEX = re.compile(r"(?:[0-9A-F]{2})+")
_PLAIN = Dialect(quotes='"', escapes=False)
_ENRICHED = "\x1d"
_ENCODED = frozenset(
    {"exe", "comm", "name", "cwd", "proctitle", "cmd", "acct", "key", "data", "path", "dir", "file", "vm"}
)
"""Fields that may be written in hexadecimal digits."""
_NOTHING = frozenset({"?", "(null)", "(none)", "", "unset"})
UNSET_ID = "4294967295"
"""(unsigned)-1: nobody has logged in."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record; `key` says which event it belongs to, `moment` is in ns. Fields that say nothing are left out."""

    type: str
    key: str
    node: str | None
    moment: int
    serial: int
    fields: Mapping[str, str]


def record_of(text: str) -> Record | None:
    """The record that a line holds, None where it holds none."""
    found = _RECORD.fullmatch(text.rstrip())
    if found is None:
        return None
    node, kind, seconds, fraction, serial, body = found.groups()
    moment = int(seconds) * 1_000_000_000 + int(fraction.ljust(9, "0"))
    key = f"{node or ''} {seconds}.{fraction}:{serial}"
    return Record(kind, key, node, moment, int(serial), _fields(kind, body))


def _fields(kind: str, body: str) -> dict[str, str]:
    plain, _, enriched = body.partition(_ENRICHED)
    inner = _INNER.search(plain)
    texts = [plain] if inner is None else [plain[: inner.start()] + plain[inner.end() :], inner[1]]
    found: dict[str, str] = {}
    for text in [*texts, enriched]:
        scanned = scan(text, _PLAIN)
        if scanned is None:
            continue
        for name, value, (start, _, quoted) in zip(scanned.keys, scanned.values, scanned.spans, strict=True):
            del start
            said = value if quoted else _decoded(kind, name, value.rstrip(","))
            if said is not None:
                found.setdefault(name, said)
    return found


def _decoded(kind: str, name: str, value: str) -> str | None:
    """A value without quotes: digits that stand for bytes as text, None where it says that there is none."""
    if value in _NOTHING:
        return None
    argument = kind == "EXECVE" and re.fullmatch(r"a\d+(?:\[\d+\])?", name)
    if (name in _ENCODED or argument) and _HEX.fullmatch(value):
        # Arguments are parted by zeros; odd bytes are spelled out, so that nothing is lost.
        return bytes.fromhex(value).rstrip(b"\0").replace(b"\0", b" ").decode("utf-8", "backslashreplace")
    return value


def address_of(saddr: str) -> dict[str, Any]:
    """What a socket address says: family, and address and port, or path (struct sockaddr, in the machine's order)."""
    try:
        data = bytes.fromhex(saddr)
    except ValueError:
        return {}
    family = int.from_bytes(data[:2], "little")
    if family == 2 and len(data) >= 8:
        return {"family": "ipv4", "ip": str(ip_address(data[4:8])), "port": int.from_bytes(data[2:4], "big")}
    if family == 10 and len(data) >= 24:
        return {"family": "ipv6", "ip": str(ip_address(data[8:24])), "port": int.from_bytes(data[2:4], "big")}
    if family == 1:
        path = data[2:].partition(b"\0")[0] or data[3:].rstrip(b"\0")
        return {"family": "unix", "path": path.decode("utf-8", "backslashreplace")}
    return {"family": {16: "netlink", 17: "packet"}.get(family, str(family))}

"""Packets of NetFlow and IPFIX as the specifications lay them out, written field by field."""

import socket
import struct
from collections.abc import Sequence

UPTIME = 100_000
EXPORTED = 1_800_000_000
FLOW = ((8, 4), (12, 4), (7, 2), (11, 2), (4, 1), (6, 1), (1, 4), (2, 4), (22, 4), (21, 4))
"""Addresses, ports, protocol, flags, bytes, packets, first and last."""


def flow(number: int, first: int = 90_000, last: int = 95_000) -> bytes:
    """A record of `FLOW`, told by its source port."""
    return struct.pack(
        ">4s4sHHBBIIII", socket.inet_aton("192.0.2.1"), socket.inet_aton("198.51.100.2"), number, 443, 6, 27,
        1_000 + number, 10, first, last,
    )  # fmt: skip


def template(number: int, fields: Sequence[tuple[int, int]]) -> bytes:
    """A template without enterprise numbers."""
    return struct.pack(">HH", number, len(fields)) + b"".join(struct.pack(">HH", *field) for field in fields)


def version_9(sequence: int, *sets: tuple[int, bytes], domain: int = 1) -> bytes:
    """A packet (RFC 3954 section 5.1)."""
    return struct.pack(">HHIIII", 9, len(sets), UPTIME, EXPORTED, sequence, domain) + _sets(sets)


def ipfix(sequence: int, *sets: tuple[int, bytes], domain: int = 1) -> bytes:
    """A message (RFC 7011 section 3.1)."""
    content = _sets(sets)
    return struct.pack(">HHIII", 10, 16 + len(content), EXPORTED, sequence, domain) + content


def version_5(sequence: int, *ports: int, sampling: int = 0) -> bytes:
    """A packet of flows told by their source ports."""
    records = b"".join(
        struct.pack(
            ">4s4s4sHHIIIIHHBBBBHHBBH",
            socket.inet_aton("192.0.2.1"), socket.inet_aton("198.51.100.2"), b"\0" * 4, 1, 2, 10, 1_000, 90_000, 95_000,
            port, 53, 0, 0, 17, 0, 64_500, 64_501, 24, 24, 0,
        )
        for port in ports
    )  # fmt: skip
    return struct.pack(">HHIIIIBBH", 5, len(ports), UPTIME, EXPORTED, 0, sequence, 0, 0, 1 << 14 | sampling) + records


def _sets(sets: Sequence[tuple[int, bytes]]) -> bytes:
    return b"".join(struct.pack(">HH", number, 4 + len(content)) + content for number, content in sets)

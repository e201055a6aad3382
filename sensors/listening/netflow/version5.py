"""Version 5's record as a template of the elements that came later (Cisco, "NetFlow Export Datagram Format")."""

from typing import Final

from sensors.listening.netflow.templates import Template
from sensors.listening.netflow.wire import V5_RECORD, V5_SET

_PAD: Final = 210
"""IANA's paddingOctets."""

RECORD: Final = Template(
    V5_SET,
    tuple(
        (number, 0, length)
        for number, length in (
            (8, 4), (12, 4), (15, 4), (10, 2), (14, 2), (2, 4), (1, 4), (22, 4), (21, 4), (7, 2), (11, 2), (_PAD, 1),
            (6, 1), (4, 1), (5, 1), (16, 2), (17, 2), (9, 1), (13, 1), (_PAD, 2),
        )
    ),
)  # fmt: skip
assert RECORD.least == V5_RECORD

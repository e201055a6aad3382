"""What is told of messages: the numbers of datasets and protocols, and an event's row.

Messages and events are rows of numbers until a batch is made, so that an event costs no object of its own.
"""

from typing import Final

from sensors.capture.compiled import Words, compiled
from sensors.capture.protocols.registry import REGISTRY
from sensors.capture.table import M_COLUMNS

DATASETS: Final = (
    "network.dns", "network.tls", "network.http", *(f"network.{protocol.name}" for protocol in REGISTRY),
)
DNS: Final = 0
TLS: Final = 1
HTTP: Final = 2
OWN_DATASETS: Final = 3
"""Behind them come those of the registry (sensors.capture.protocols), in its order."""
PROTOCOLS: Final = ("", "dns", "mdns", "llmnr", "http", "tls", *(protocol.name for protocol in REGISTRY))
BY_DNS: Final = 1
BY_MDNS: Final = 2
BY_LLMNR: Final = 3
BY_HTTP: Final = 4
BY_TLS: Final = 5
OWN_PROTOCOLS: Final = 6

# What a message says, as far as pairing asks: one row for each content (sensors.capture.contents).
# Of protocols in the registry the side is a Side, and the question stands for the message's key.
A_SIDE: Final = 0        # DNS: 1 answers; HTTP: 1 a response, 2 one that comes before it; TLS: 1 the client's
A_QUESTION: Final = 1    # DNS: a number for the question, negative where it has no name
A_NAMES: Final = 2       # DNS: 1: its fields say what was asked
A_LAYOUT: Final = 3      # a number for the names of its fields; not asked for in pairing
A_COLUMNS: Final = 4

# An event: the row of the message that began it, then these.
Y_DATASET: Final = M_COLUMNS
Y_PROTOCOL: Final = M_COLUMNS + 1
Y_FIRST: Final = M_COLUMNS + 2     # its content; -1: none
Y_SECOND: Final = M_COLUMNS + 3    # the content that goes with it; -1: none
Y_DURATION: Final = M_COLUMNS + 4  # ns; -1: no answer was seen
Y_NUMBER: Final = M_COLUMNS + 5   # that of the transaction (sensors.capture.hellos, O_NUMBER)
Y_SAME: Final = M_COLUMNS + 6      # TLS: 1: both sides gave the same session id
Y_COLUMNS: Final = M_COLUMNS + 7


@compiled
def tell(out: Words, count: int, line: Words, dataset: int, protocol: int, first: int, second: int) -> int:
    """Write an event's row; how many there are then."""
    row = out[count]
    for column in range(M_COLUMNS):
        row[column] = line[column]
    row[Y_DATASET] = dataset
    row[Y_PROTOCOL] = protocol
    row[Y_FIRST] = first
    row[Y_SECOND] = second
    row[Y_DURATION] = -1
    row[Y_NUMBER] = 0
    row[Y_SAME] = 0
    return count + 1

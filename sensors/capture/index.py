"""The index of packets that a container's scanner makes: one row for each packet, and why scanning stopped."""

from typing import Final

AT: Final = 0          # where the packet's bytes begin in the octets that were read
CAPTURED: Final = 1    # how many of them the file holds
WIRE: Final = 2        # how many there were on the wire
TIME: Final = 3        # ns since 1970
LINK: Final = 4        # link type as the tcpdump group numbers them (LINKTYPE_)
COLUMNS: Final = 5

# Why a scanner returned.
MORE: Final = 0        # the index or the portion is full
END: Final = 1         # the file's end, on a boundary
CUT: Final = 2         # the file ends inside a record
LENGTH: Final = 3      # a record's length contradicts itself or what a record can be
WAIT: Final = 4        # the file goes on, but was not read that far
LONG: Final = 5        # pcapng: a block that is longer than any packet's

# The scanner's state, one row of numbers that it carries from call to call.
S_AT: Final = 0        # where the next record begins
S_BIG: Final = 1       # 1: big-endian numbers
S_TICK: Final = 2      # pcap: ns of one unit of the fraction
S_LINK: Final = 3      # pcap: link type
S_HEADER: Final = 4    # pcap: octets of a record's header
S_LAST: Final = 5      # the last good time, ns; taken where a packet has none
S_INTERFACES: Final = 6  # pcapng: interfaces of this section
S_CLAMPED: Final = 7   # packets whose length on the wire could not be true
S_UNTIMED: Final = 8   # packets without a usable time
S_SKIPPED: Final = 9   # pcapng: packets of an interface that was never described
S_SIZE: Final = 10

MOST: Final = 262_144
"""The longest packet that libpcap writes for these link types (MAXIMUM_SNAPLEN); longer records are not believed."""
ENDLESS: Final = 1 << 62
"""In the place of a size that is not known yet."""

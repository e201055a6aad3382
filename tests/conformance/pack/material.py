"""Public logs and captures that were not made as attacks, for counting what fires on them all the same.

System and web logs (loghub, the Beats project), protocol captures and Zeek logs (Zeek, Suricata, nDPI, JA4, tcpdump,
PcapPlusPlus, scapy, ipfixprobe, community-id, icsnpp).
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from sensors.errors import SensorProblem
from sensors.event.model import Batch, Source
from sensors.reading.detection import detect
from sensors.reading.model import Position
from tests.conformance.places import DATA

PACK = Path(__file__).parents[3] / "correlation" / "pack"
_GROUPS = (
    "logs/loghub", "logs/beats-2021", "packets/zeek", "packets/suricata-verify", "packets/ndpi", "packets/ja4",
    "packets/tcpdump", "packets/pcapplusplus", "packets/scapy", "packets/community-id-spec", "packets/ipfixprobe",
    "packets/icsnpp-bacnet", "packets/icsnpp-dnp3", "packets/icsnpp-enip", "packets/icsnpp-modbus",
    "packets/icsnpp-opcua", "packets/icsnpp-s7comm",
)  # fmt: skip
_ENDINGS = {".log", ".pcap", ".pcapng", ".cap", ".trace", ".dmp", ".evtx"}


def material() -> Iterator[tuple[str, Sequence[Batch]]]:
    """The events of every file that a reader takes, and what the file is called here.

    Zeek's baselines have equal names in folders that say what they are about, so that a name has its folder before it.
    """
    for group in _GROUPS:
        for path in sorted((DATA / group).rglob("*")):
            if path.suffix not in _ENDINGS or not path.is_file():
                continue
            try:
                portions = list(detect(path).portions(path, Source("22" * 16, "file", path.name), Position(), 0))
            except SensorProblem:
                continue  # expectations and helper files of the projects' own tests, which are no logs
            yield f"{path.parent.name}/{path.name}", [batch for portion in portions for batch in portion.batches]

"""All detectors by name, in the order in which they are documented."""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from correlation.detectors.beaconing import Beaconing
from correlation.detectors.firsts import KINDS, First
from correlation.detectors.generating import Generating
from correlation.detectors.lasting import Lasting
from correlation.detectors.model import Detector
from correlation.detectors.places import Places
from correlation.detectors.scanning import HostScan, PortScan
from correlation.detectors.tunnelling import Tunnelling
from correlation.detectors.volume import Volume


class Ground(NamedTuple):
    """What detectors need to know: which addresses are ours, and how long to learn, ns."""

    places: Places
    learning: int


DETECTORS: Final[Mapping[str, Callable[[Ground], Detector]]] = {
    "port_scan": lambda _: PortScan(),
    "host_scan": lambda _: HostScan(),
    "beacon": lambda ground: Beaconing(ground.places),
    "long_connection": lambda ground: Lasting(ground.places),
    "unusual_volume": lambda ground: Volume(ground.places),
    "dns_tunnel": lambda _: Tunnelling(),
    "generated_names": lambda _: Generating(),
    "new_router": lambda ground: First(KINDS[0], ground.learning),
    "new_address_server": lambda ground: First(KINDS[1], ground.learning),
    "new_master": lambda ground: First(KINDS[2], ground.learning),
    "new_service": lambda ground: First(KINDS[3], ground.learning),
}

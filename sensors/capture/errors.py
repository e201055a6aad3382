"""What can go wrong around captures beyond what every input shares."""

from sensors.errors import SensorProblem


class DissectorMissing(SensorProblem):
    """Deep dissection needs `program` (tshark, pyshark), which is not installed; `remedy` says how to install it."""

    code = "capture-dissector-missing"


class DissectionFailed(SensorProblem):
    """tshark could not dissect the file or did not understand the filter; `reason` is its own word."""

    code = "capture-dissection-failed"


class CrafterMissing(SensorProblem):
    """Crafting packets needs scapy, which is not installed; `remedy` says how to install it."""

    code = "capture-crafter-missing"


class CaptureRefused(SensorProblem):
    """The system does not let this process capture on `interface`; `reason` is the system's own word."""

    code = "capture-refused"


class InterfaceUnusable(SensorProblem):
    """There is no such `interface`, it is down for good, or of a kind that cannot be captured; `reason` says which."""

    code = "capture-interface-unusable"


class InterfaceAway(SensorProblem):
    """The `interface` went away while it was captured; it is taken up again if it is back within `seconds`."""

    code = "capture-interface-away"


class InterfaceGone(SensorProblem):
    """The `interface` went away while it was captured and did not come back; what was captured is delivered."""

    code = "capture-interface-gone"


class FilterUnusable(SensorProblem):
    """The `filter` is none that the compiler of BPF understands; `reason` is the compiler's own word."""

    code = "capture-filter-unusable"


class ProtocolUnknown(SensorProblem):
    """No `protocol` of this name is read from packets; `known` are those that are."""

    code = "capture-protocol-unknown"


class FilterCompilerMissing(SensorProblem):
    """A filter needs libpcap or tcpdump to be compiled, and neither is installed; `remedy` says how to install it."""

    code = "capture-filter-compiler-missing"


class RightsNotDropped(SensorProblem):
    """The process cannot become `user` and stay that; `reason` says why."""

    code = "capture-rights-not-dropped"


class PacketsGone(SensorProblem):
    """The packets of `subject` are not there any more, or were never kept; `reason` says which (a code of its own)."""

    code = "capture-packets-gone"

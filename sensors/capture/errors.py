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

"""What can go wrong in delivery."""

from sensors.errors import SensorProblem


class DeliveryProblem(SensorProblem):
    """The family of delivery's errors."""


class SpoolFull(DeliveryProblem):
    """There is no room: `reason` is the watermark's name or the system's word; nothing was persisted, try again later.

    Readers stop on it: files are their own buffer, and what cannot wait is counted where it is lost.
    """

    code = "spool-full"


class Superseded(DeliveryProblem):
    """Source `source` was moved on since the portion was begun, or began anew; nothing was persisted."""

    code = "spool-superseded"


class SpoolUnusable(DeliveryProblem):
    """The spool's folder or database cannot be made, read or written; `reason` is the system's own word."""

    code = "spool-unusable"


class SpoolTooNew(DeliveryProblem):
    """The spool was written by a newer version: it has schema `found`, this version knows up to `known`."""

    code = "spool-too-new"


class SpoolBusy(DeliveryProblem):
    """Another process held the spool's lock for longer than the time-out of `seconds`; nothing was persisted."""

    code = "spool-busy"


class OutOfOrder(DeliveryProblem):
    """`consumer` acknowledged `sequence` although it is not the next one after its position `after`."""

    code = "spool-out-of-order"


class LeaseTaken(DeliveryProblem):
    """The lease `name` is held by process `pid` (None where it has not said so yet)."""

    code = "lease-taken"


class NameRefused(DeliveryProblem):
    """`name` cannot name a consumer or a lease: it takes lower-case letters, digits, '-', '_' and '.', up to 64."""

    code = "delivery-name-refused"


class NotReplayable(DeliveryProblem):
    """Quarantine entry `number` cannot be replayed; `reason` is why, a code of its own."""

    code = "quarantine-not-replayable"


class NotInQuarantine(DeliveryProblem):
    """There is no quarantine entry `number`."""

    code = "quarantine-unknown"

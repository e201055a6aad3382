"""What can go wrong in an event store, and in asking it."""

from correlation.errors import CorrelationProblem


class StoreProblem(CorrelationProblem):
    """The family of the event stores' errors."""


class StoreUnavailable(StoreProblem):
    """The store cannot be reached or does not answer (`where`, `reason`); nothing was acknowledged, try again later."""

    code = "store-unavailable"


class StoreRefused(StoreProblem):
    """The store answered that it will not do it (`what`, `status`, `reason`): settings, rights or versions."""

    code = "store-refused"


class StoreDiskFull(StoreProblem):
    """The disk below `path` is full; nothing of the append was kept."""

    code = "store-disk-full"


class StoreReadOnly(StoreProblem):
    """`path` cannot be written to (`reason`), or is a read-only disk."""

    code = "store-read-only"


class StoreUnwritable(StoreProblem):
    """Writing to `path` failed (`reason`); nothing of the append was kept."""

    code = "store-unwritable"


class StoreDamaged(StoreProblem):
    """The store's manifest at `path` cannot be read (`reason`)."""

    code = "store-damaged"


class StoreVersion(StoreProblem):
    """The store at `path` has form `found`, and this program knows up to form `known`."""

    code = "store-version"


class SecondWriter(StoreProblem):
    """Somebody else wrote to the store at `path` during an append; nothing of the append was kept."""

    code = "store-second-writer"


class SegmentMissing(StoreProblem):
    """A segment's file (`path`, `events` in it) is gone: answers lack its events."""

    code = "store-segment-missing"


class SegmentDamaged(StoreProblem):
    """A segment's file (`path`, `events` in it) cannot be read (`reason`): answers lack its events."""

    code = "store-segment-damaged"


class ReservedField(StoreProblem):
    """A batch of `dataset` sets `field`, which belongs to the batch itself."""

    code = "store-reserved-field"


class QueryTooHeavy(StoreProblem):
    """The query needs more memory than the store's settings allow (`reason`)."""

    code = "store-query-too-heavy"

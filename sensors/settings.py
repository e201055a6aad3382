"""The settings of the sensors: where the spool's retention draws its lines."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SpoolSettings:
    """The embedded spool.

    Attributes:
        segment_bytes: a producer begins a new segment file when its present one is this long.
        max_bytes: above so many bytes, segments and database together, room is made or appending refused.
        min_free_bytes: with less free disk than this, room is made or appending refused; 0 switches it off.
        keep_hours: segments whose newest record is older are removed, if every consumer has acknowledged them.
        expire_unacknowledged: whether age and watermarks may also remove what a consumer has not acknowledged yet. It
            is then counted as expired. If not, a full spool holds the readers up instead.
        quarantine_days: quarantine entries older than this are removed and counted.
        busy_seconds: how long to wait for another process's transaction.
    """

    segment_bytes: int = 64 << 20
    max_bytes: int = 8 << 30
    min_free_bytes: int = 512 << 20
    keep_hours: int = 24
    expire_unacknowledged: bool = False
    quarantine_days: int = 180
    busy_seconds: float = 30.0

    def __post_init__(self) -> None:
        if self.segment_bytes < 1 or self.max_bytes < 1:
            raise ValueError("segment_bytes and max_bytes must be 1 or more")
        if min(self.min_free_bytes, self.keep_hours, self.quarantine_days, self.busy_seconds) < 0:
            raise ValueError("min_free_bytes, keep_hours, quarantine_days and busy_seconds cannot be negative")

"""The settings of posture."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class PostureSettings:
    """Posture: its weights, and how often it is recorded.

    Attributes:
        policy: a file of weights over the product's own (docs/posture.md); None: the product's.
        every_minutes: how often the process that matches records a snapshot; 0 switches it off.
        keep_days: how long snapshots are kept.
    """

    policy: Path | None = None
    every_minutes: int = 60
    keep_days: int = 180

    def __post_init__(self) -> None:
        if self.every_minutes < 0 or self.keep_days < 1:
            raise ValueError("every_minutes is 0 or more, keep_days 1 or more")

"""What every channel promises: a message is delivered, or it is said why not and whether to try again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from correlation.notifying.model import Notice

Form: TypeAlias = Literal["title", "text", "markdown", "html"]


@dataclass(frozen=True, slots=True)
class Message:
    """A notice in words.

    Attributes:
        id: the same whenever it is sent, so that the other side can tell a repetition.
        title: one line without control characters.
        bodies: its words in those forms that the channel asked for.
        notice: what it says, for channels that hand on values.
        only: the recipients who have not got it yet; empty for all.
    """

    id: str
    title: str
    bodies: Mapping[Form, str]
    notice: Notice
    only: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a channel takes.

    Attributes:
        forms: those it wants, and how long each may be, bytes of UTF-8.
        per_minute: messages a minute; 0 for any number.
        gap: seconds between two messages.
    """

    forms: Mapping[Form, int]
    per_minute: int = 0
    gap: float = 0.0


class Channel(Protocol):
    """A place that messages go to."""

    bounds: Bounds
    secrets: tuple[str, ...]
    """What must not be in any text about it."""

    def send(self, message: Message) -> None:
        """Deliver a message.

        Raises:
            DeliveryDeferred: not now.
            DeliveryRefused: never, as it is.
        """
        ...

    def reach(self) -> str:
        """See whether the other side can be reached, without delivering anything; where it is, for people.

        Raises:
            DeliveryDeferred: it cannot.
        """
        ...

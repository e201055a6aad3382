"""What is seen of an address, and what follows beside what is declared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple, TypeAlias, get_args

Sign: TypeAlias = Literal["traffic", "service", "mac", "host_name", "server_name"]
"""What shows at an address: that it sends; a service that answers (`tcp/443`); a hardware address; its host's name; a
name that clients ask it for (SNI, HTTP's Host)."""
SIGNS: Final = get_args(Sign)


class Sighting(NamedTuple):
    """One thing that an event shows of an address; `value` is empty for `traffic`."""

    address: str
    sign: Sign
    value: str = ""


class Proof(NamedTuple):
    """The event that showed a thing first in a portion of time: its dataset, id and source."""

    dataset: str
    event: str
    source: str


@dataclass(frozen=True, slots=True)
class Seen:
    """A sighting over time.

    Attributes:
        sighting: what was seen.
        first, last: days in the city on which it was seen first and last, such as `2026-03-01`.
        proof: the event that showed it first.
    """

    sighting: Sighting
    first: str
    last: str
    proof: Proof


Difference: TypeAlias = Literal["unregistered", "gone", "drifted"]
"""Seen and not declared; declared and not seen for long; declared in another way than seen."""
DIFFERENCES: Final = get_args(Difference)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What could be decided about a register, with what shows it.

    Attributes:
        difference: what it is about.
        register: the register that it would change.
        record: the id of the record; empty where there is none yet.
        key: what people call the record; of what is unregistered its address.
        address: where it was seen, or should have been.
        said: values by field, as the registers have them.
        seen: values by field, as they were seen: what an import would take.
        last: the day on which it was seen last; empty for never.
        proofs: what shows it.
    """

    difference: Difference
    register: str
    record: str
    key: str
    address: str
    said: Mapping[str, Any]
    seen: Mapping[str, Any]
    last: str
    proofs: Sequence[Seen]

"""Which protocols are read where not all are: what an interface shows may come faster than one core reads it all."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from sensors.capture.errors import ProtocolUnknown
from sensors.capture.protocols.registry import REGISTRY
from sensors.capture.protocols.tables import READERS
from sensors.capture.table import KIND_DATAGRAM, MODE_DNS, MODE_GENERAL, MODE_HTTP, MODE_TLS

_OWN: Final = {"dns": (MODE_DNS, KIND_DATAGRAM), "tls": (MODE_TLS,), "http": (MODE_HTTP,)}
NAMES: Final = (*_OWN, *(protocol.name for protocol in REGISTRY))
"""Every protocol that can be chosen. Multicast DNS and LLMNR come with DNS."""


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """Some protocols.

    Attributes:
        kinds: whether messages of each kind (M_KIND) are read.
        readers: which protocols of the registry are told of, by their place.
    """

    kinds: npt.NDArray[np.bool_]
    readers: frozenset[int]

    @classmethod
    def of(cls, names: Iterable[str]) -> Self | None:
        """The choice of these protocols; None where none is named, which chooses all.

        Raises:
            ProtocolUnknown: one of them is not in `NAMES`.
        """
        chosen = set(names)
        unknown = sorted(chosen.difference(NAMES))
        if unknown:
            raise ProtocolUnknown(protocol=unknown[0], known=", ".join(NAMES))
        if not chosen:
            return None
        readers = frozenset(place for place, protocol in enumerate(REGISTRY) if protocol.name in chosen)
        kinds: Any = np.zeros(MODE_GENERAL + len(READERS), np.bool_)
        kinds[[kind for name in chosen & _OWN.keys() for kind in _OWN[name]]] = True
        kinds[MODE_GENERAL:] = [not readers.isdisjoint(places) for places in READERS]
        return cls(kinds, readers)

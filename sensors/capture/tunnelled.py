"""The columns that say which tunnels an event's packets went through, the outermost first.

ECS has no fields for tunnels but the inner VLAN; Zeek gives a connection its list of encapsulations, Suricata an
event the outer addresses. Here lists of equal order stand beside the inner addresses: kinds, outer addresses of the
flow's first packet, and ids and VLANs of those tunnels that have some.
"""

from typing import Final

import numpy as np

from sensors.capture import text
from sensors.capture.compiled import Longs, Words
from sensors.capture.table import LAYER_WORDS, MOST_LAYERS, W_ADDRESS, W_HAS_ID, W_ID, W_KIND
from sensors.capture.tunnels import KINDS
from sensors.event.model import Column

_ALWAYS: Final = ("hanwatch.tunnel.type", "hanwatch.tunnel.source.ip", "hanwatch.tunnel.destination.ip")
_ID: Final = "hanwatch.tunnel.id"
_VLAN: Final = "hanwatch.tunnel.vlan.id"


def layouts(numbers: Words, carriers: Longs) -> Words:
    """For carriers by number, 0 for none: three bits, for tunnels, ids among them, and VLANs outside."""
    found = np.zeros(len(numbers), np.int64)
    places = np.flatnonzero(numbers)
    if len(places):
        words = carriers[numbers[places] - 1][:, W_KIND::LAYER_WORDS].astype(np.int64)
        found[places] = 1 | (words & W_HAS_ID != 0).any(axis=1) << 1 | (words >> 16 != 0).any(axis=1) << 2
    return found


def names(layout: int) -> list[str]:
    """The columns of rows with this layout."""
    if not layout & 1:
        return []
    return [*_ALWAYS, *([_ID] if layout & 2 else ()), *([_VLAN] if layout & 4 else ())]


def columns(numbers: Words, turned: Words, carriers: Longs) -> dict[str, Column]:
    """The columns for rows of any layout, `names` says which a row has.

    Args:
        numbers: carriers by number; 0: none.
        turned: R_TURNED of each flow.
        carriers: the table's carriers.
    """
    if not numbers.any():
        return {}
    # Few tunnels carry many flows: each is put into words once.
    pairs, place = np.unique(numbers << MOST_LAYERS | turned, return_inverse=True)
    said = [
        _said(carriers[(pair >> MOST_LAYERS) - 1], pair) if pair >> MOST_LAYERS else _NOTHING for pair in pairs.tolist()
    ]
    made: dict[str, Column] = {}
    for name, values in zip((*_ALWAYS, _ID, _VLAN), zip(*said, strict=True), strict=True):
        distinct = np.empty(len(values), object)
        for at, value in enumerate(values):
            distinct[at] = value
        made[name] = distinct[place].tolist()
    return made


_NOTHING: Final[tuple[list[str], ...]] = ([], [], [], [], [])


def _said(words: Longs, turned: int) -> tuple[list[str], ...]:
    """Kinds, outer sources, outer destinations, ids and VLANs of one stack of tunnels."""
    kinds: list[str] = []
    ends: tuple[list[str], list[str]] = ([], [])
    ids: list[str] = []
    vlans: list[str] = []
    for layer in range(MOST_LAYERS):
        word = words[LAYER_WORDS * layer : LAYER_WORDS * (layer + 1)]
        head = int(word[W_KIND])
        if not head:
            break
        kinds.append(KINDS[head & 0xFF])
        six = np.array([head >> 8 & 15 == 6] * 2, np.int64)
        pair = word[W_ADDRESS : W_ADDRESS + 4]
        low, high = text.addresses(np.ascontiguousarray(pair[::2]), np.ascontiguousarray(pair[1::2]), six)
        for end, value in zip(ends, (high, low) if turned >> layer & 1 else (low, high), strict=True):
            end.append(value)
        if head & W_HAS_ID:
            ids.append(str(int(word[W_ID])))
        vlans += [str(vlan) for vlan in (head >> 28 & 0xFFF, head >> 16 & 0xFFF) if vlan]
    return kinds, *ends, ids, vlans

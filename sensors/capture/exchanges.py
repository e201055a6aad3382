"""Bringing together the messages of the protocols in sensors.capture.protocols, by what their registry says.

Compiled code: it knows each protocol's way of pairing and no protocol.
"""

from typing import Final

import numpy as np

from sensors.capture.compiled import Words, compiled
from sensors.capture.hellos import O_NUMBER
from sensors.capture.protocols.model import Pairing, Side
from sensors.capture.protocols.registry import REGISTRY
from sensors.capture.protocols.tables import READERS
from sensors.capture.table import M_FROM, M_KIND, M_TIME, MODE_GENERAL
from sensors.capture.telling import (
    A_QUESTION,
    A_SIDE,
    OWN_DATASETS,
    OWN_PROTOCOLS,
    Y_DURATION,
    Y_NUMBER,
    tell,
)
from sensors.capture.waiting import (
    E_CONTENT,
    E_NEXT,
    E_NUMBER,
    E_PROTOCOL,
    E_QUESTION,
    K_EXCHANGED,
    K_EXCHANGES,
    K_PROTOCOL,
    MOST_WAITING,
    N_UNREAD,
    Waiting,
    append,
    release,
    remove,
    wait,
)

UNREAD: Final = -1
"""In the place of a side: this protocol cannot read the message."""

_ASKS: Final = int(Side.ASKS)
_ANSWERS: Final = int(Side.ANSWERS)
_ALONE: Final = int(Side.ALONE)
_SILENT: Final = int(Side.SILENT)
_BY_ANSWERS: Final = int(Pairing.ANSWERS)
_BY_PARTS: Final = int(Pairing.PARTS)
_PAIRINGS: Final[Words] = np.array([protocol.pairing for protocol in REGISTRY], np.int64)
_READERS: Final[Words] = np.array([place for places in READERS for place in places], np.int64)
_FIRSTS: Final[Words] = np.cumsum([0, *map(len, READERS)]).astype(np.int64)
"""Places in the registry of those that may read a framing's messages, and where those of each framing begin."""


@compiled
def _reader(talk: Words, kind: int, content: int, said: Words) -> int:
    """Which of a framing's readers read a message, by its place among them: the flow's protocol, else the first one.

    -1: the flow's protocol is among them and could not read it, or none could.
    """
    first, last = _FIRSTS[kind], _FIRSTS[kind + 1]
    for place in range(first, last):
        if _READERS[place] == talk[K_PROTOCOL] - OWN_PROTOCOLS:
            return int(place - first) if said[content + place - first, A_SIDE] != UNREAD else -1
    for place in range(last - first):
        if said[content + place, A_SIDE] != UNREAD:
            return int(place)
    return -1


@compiled
def _tell_one(line: Words, protocol: int, number: int, first: int, second: int, out: Words, count: int) -> int:
    count = tell(out, count, line, OWN_DATASETS + protocol, OWN_PROTOCOLS + protocol, first, second)
    out[count - 1, Y_NUMBER] = number
    return count


@compiled
def _partner(w: Waiting, talk: Words, message: Words, number: int, protocol: int, question: int) -> int:
    """Take what a message belongs to out of the list of those that wait; -1 where nothing does."""
    same = _PAIRINGS[protocol] == _BY_PARTS
    before, at = -1, talk[K_EXCHANGES] - 1
    while at >= 0:
        entry = w.entries[at]
        if (
            entry[E_QUESTION] == question and entry[E_NUMBER] == number and entry[E_PROTOCOL] == protocol
            and (entry[M_FROM] == message[M_FROM]) == same
        ):
            remove(w, talk, K_EXCHANGES, before, at)
            return int(at)
        before = at
        at = entry[E_NEXT] - 1
    return -1


@compiled
def _tell_oldest(w: Waiting, talk: Words, out: Words, count: int) -> int:
    """Tell the message that has waited for longest alone."""
    place = talk[K_EXCHANGES] - 1
    entry = w.entries[place]
    remove(w, talk, K_EXCHANGES, -1, place)
    count = _tell_one(entry, entry[E_PROTOCOL], entry[E_NUMBER], entry[E_CONTENT], -1, out, count)
    release(w, place)
    return count


@compiled
def exchange(
    w: Waiting, talk: Words, message: Words, octets: Words, content: int, said: Words, out: Words, count: int,
) -> int:
    """Take a message of a general kind: tell it, or let it wait for another, or bring it together with one that waits.

    Args:
        w: what waits, with a free entry.
        talk: what the message's flow has said.
        message: its row (M_).
        octets: its numbers (O_).
        content: the number of what its framing's first reader made of it; those of the others follow.
        said: a row for each content (A_).
        out: room for two events (Y_) from `count` on.
        count: how many events there are.

    Returns:
        How many there are then.
    """
    kind = message[M_KIND] - MODE_GENERAL
    reader = _reader(talk, kind, content, said)
    if reader < 0:
        w.numbers[N_UNREAD] += 1
        return count
    content += reader
    protocol = _READERS[_FIRSTS[kind] + reader]
    if talk[K_PROTOCOL] == 0:
        talk[K_PROTOCOL] = OWN_PROTOCOLS + protocol
    side, question, number = said[content, A_SIDE], said[content, A_QUESTION], octets[O_NUMBER]
    if side == _SILENT:
        return count
    if side == _ALONE:
        return _tell_one(message, protocol, number, content, -1, out, count)
    answers = _PAIRINGS[protocol] == _BY_ANSWERS
    if not answers or side == _ANSWERS:
        place = _partner(w, talk, message, number, protocol, question)
        if place >= 0:
            entry = w.entries[place]
            first, second = entry[E_CONTENT], content
            if said[first, A_SIDE] == _ANSWERS and side == _ASKS:
                first, second = second, first
            count = _tell_one(entry, protocol, number, first, second, out, count)
            if answers:
                out[count - 1, Y_DURATION] = max(message[M_TIME] - entry[M_TIME], 0)
            release(w, place)
            return count
        if answers:
            return _tell_one(message, protocol, number, content, -1, out, count)
    if talk[K_EXCHANGED] >= MOST_WAITING:
        count = _tell_oldest(w, talk, out, count)
    place = wait(w, message, octets, content, question)
    w.entries[place, E_PROTOCOL] = protocol
    append(w, talk, K_EXCHANGES, place)
    return count


@compiled
def leave(w: Waiting, talk: Words, out: Words, count: int) -> int:
    """Tell what still waits in a flow that ended, the oldest first; how many events there are then."""
    while talk[K_EXCHANGES] > 0:
        count = _tell_oldest(w, talk, out, count)
    return count

"""What waits for its counterpart: messages of one flow in lists, in arrays that compiled code links."""

from typing import Final, NamedTuple

import numpy as np

from sensors.capture.compiled import Words, compiled
from sensors.capture.hellos import O_NUMBER, O_SESSION
from sensors.capture.table import M_COLUMNS

MOST_WAITING: Final = 128
"""How many messages of one kind and flow wait; the oldest is then told alone."""

# What a flow has said so far. A list is given by its first entry + 1 (0: none) and, in the column behind, its length.
K_PROTOCOL: Final = 0
K_QUERIES: Final = 1
K_QUERIED: Final = 2
K_REQUESTS: Final = 3
K_REQUESTED: Final = 4
K_HELLO: Final = 5       # of the server, then of the client
K_EXCHANGES: Final = 7   # of protocols of the registry
K_EXCHANGED: Final = 8
K_COLUMNS: Final = 9

# Something that waits: its message's row, then these.
E_CONTENT: Final = M_COLUMNS
E_QUESTION: Final = M_COLUMNS + 1
E_NUMBER: Final = M_COLUMNS + 2
E_NEXT: Final = M_COLUMNS + 3
E_SESSION: Final = M_COLUMNS + 4   # its length and five numbers, as in O_
E_ORDER: Final = M_COLUMNS + 10
E_PROTOCOL: Final = M_COLUMNS + 11  # its place in the registry, where it is of one there
E_COLUMNS: Final = M_COLUMNS + 12

# The numbers of what waits.
N_FREE: Final = 0        # entries in `free`
N_ORDER: Final = 1       # entries that ever waited
N_UNREAD: Final = 2      # messages that the protocol of their flow could not read


class Waiting(NamedTuple):
    """The arrays of what waits in one capture."""

    talks: Words
    entries: Words
    free: Words      # entries that are not in use, last first
    numbers: Words   # N_


def begin(talks: int, entries: int) -> Waiting:
    """Room for so many talks and entries, all of them free."""
    return Waiting(
        talks=np.zeros((talks, K_COLUMNS), np.int64),
        entries=np.zeros((entries, E_COLUMNS), np.int64),
        free=np.arange(entries - 1, -1, -1, dtype=np.int64),
        numbers=np.array([entries, 0, 0], np.int64),
    )


def with_room(waiting: Waiting, wanted: int) -> Waiting:
    """The same with so many entries free, at least twice as many as before where there were too few."""
    free, before = int(waiting.numbers[N_FREE]), len(waiting.entries)
    if free >= wanted:
        return waiting
    entries = np.zeros((max(2 * before, before + wanted), E_COLUMNS), np.int64)
    entries[:before] = waiting.entries
    added = np.arange(len(entries) - 1, before - 1, -1, dtype=np.int64)
    room = np.zeros(len(entries), np.int64)
    room[: len(added)] = added
    room[len(added) : len(added) + free] = waiting.free[:free]
    waiting.numbers[N_FREE] = len(added) + free
    return Waiting(waiting.talks, entries, room, waiting.numbers)


def in_use(waiting: Waiting) -> Words:
    """The entries that are in use, by their place."""
    used = np.ones(len(waiting.entries), np.bool_)
    used[waiting.free[: int(waiting.numbers[N_FREE])]] = False
    return np.flatnonzero(used)


@compiled
def wait(w: Waiting, message: Words, octets: Words, content: int, question: int) -> int:
    """Enter a message that waits; the caller has seen to it that there is room."""
    w.numbers[N_FREE] -= 1
    w.numbers[N_ORDER] += 1
    place = w.free[w.numbers[N_FREE]]
    entry = w.entries[place]
    for column in range(M_COLUMNS):
        entry[column] = message[column]
    entry[E_CONTENT] = content
    entry[E_QUESTION] = question
    entry[E_NUMBER] = octets[O_NUMBER]
    entry[E_NEXT] = 0
    for word in range(6):
        entry[E_SESSION + word] = octets[O_SESSION + word]
    entry[E_ORDER] = w.numbers[N_ORDER]
    return int(place)


@compiled
def release(w: Waiting, place: int) -> None:
    """Make an entry free, which stands in no list any more."""
    w.free[w.numbers[N_FREE]] = place
    w.numbers[N_FREE] += 1


@compiled
def append(w: Waiting, talk: Words, queue: int, place: int) -> None:
    """Put an entry at the end of one of a flow's lists, `queue` (a column K_)."""
    last = talk[queue] - 1
    if last < 0:
        talk[queue] = place + 1
    else:
        while w.entries[last, E_NEXT] > 0:
            last = w.entries[last, E_NEXT] - 1
        w.entries[last, E_NEXT] = place + 1
    talk[queue + 1] += 1


@compiled
def remove(w: Waiting, talk: Words, queue: int, before: int, place: int) -> None:
    """Take an entry out of one of a flow's lists; `before` is the one that leads to it, -1: it is the first."""
    if before < 0:
        talk[queue] = w.entries[place, E_NEXT]
    else:
        w.entries[before, E_NEXT] = w.entries[place, E_NEXT]
    talk[queue + 1] -= 1

import random

import numpy as np
import pytest

from sensors.capture import known
from sensors.capture.known import N_OCTETS, N_TEXTS, X_AT, X_DIGEST, X_END, X_MESSAGE, Known


def entered(store: Known, text: bytes, message: int) -> tuple[Known, int]:
    store = known.with_room(store, 1, len(text))
    at = int(store.numbers[N_OCTETS])
    store.octets[at : at + len(text)] = np.frombuffer(text, np.uint8)
    return store, known.enter(store, at + len(text), message)


def text_of(store: Known, place: int) -> bytes:
    return bytes(store.octets[store.texts[place, X_AT] : store.texts[place, X_END]])


@pytest.mark.parametrize("seed", [0, 1, -1 & 0x7FFF_FFFF_FFFF_FFFF])
def test_each_text_has_one_place_while_the_arrays_grow(seed: int) -> None:
    chance = random.Random(seed)
    texts = [chance.randbytes(chance.randrange(40)) for _ in range(3_000)]
    texts += [chance.randbytes(9_000)[: chance.randrange(9_000)] for _ in range(500)]
    store, places = known.begin(seed), dict[bytes, int]()
    for message, text in enumerate(chance.choices(texts, k=9_000)):
        store, place = entered(store, text, message)
        assert places.setdefault(text, place) == place
        assert text_of(store, place) == text
        assert store.texts[place, X_MESSAGE] <= message
    assert int(store.numbers[N_TEXTS]) == len(places)
    assert int(store.numbers[N_OCTETS]) == sum(map(len, places))
    assert sorted(places.values()) == list(range(len(places)))


def test_texts_that_differ_in_one_octet_or_in_length_are_kept_apart() -> None:
    whole = bytes(range(64))
    texts = [whole[:size] for size in range(65)] + [bytes(size) for size in range(1, 65)]
    texts += [whole[:place] + b"\xff" + whole[place + 1 :] for place in range(64)]
    store, found = known.begin(7), list[int]()
    for text in texts:
        store, place = entered(store, text, 0)
        found.append(place)
    distinct = dict.fromkeys(texts)
    assert len(set(found)) == len(distinct)


def test_texts_of_one_digest_are_kept_apart() -> None:
    store = known.begin(0)
    store, first = entered(store, b"one text", 0)
    store, second = entered(store, b"not that", 1)
    # Their digests are made equal, as those of two texts may be, and the one that stands behind is looked for again.
    store.texts[first, X_DIGEST] = store.texts[second, X_DIGEST]
    store.table[:] = 0
    known._link(store)
    assert entered(store, b"not that", 2)[1] == second

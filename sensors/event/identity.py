"""Who an event is: ids derived from the source, the place in it and the content, so that sending again stores once.

A file is known by the fingerprint of its first bytes, never by its name. The event's own bytes are part of its id, so
that two files which happen to begin alike cannot hide each other's events; equal lines of one file stay apart by
their place. The hash is cryptographic, since a sender could otherwise craft two events with one id.
"""

from collections.abc import Iterable, Sequence
from hashlib import blake2b

HEAD_BYTES = 4_096
"""How many first bytes of a file make its fingerprint; fewer where the file is shorter when first seen."""


def fingerprint(head: bytes) -> str:
    """The identity of a file from its first bytes (at most `HEAD_BYTES` of them): 32 hexadecimal digits."""
    return blake2b(head[:HEAD_BYTES], digest_size=16, person=b"hanwatch.source").hexdigest()


def event_ids(source: str, positions: Iterable[int], contents: Sequence[bytes]) -> list[str]:
    """Ids of events, 32 hexadecimal digits each, from the source's id, the place of each event in it and its bytes.

    `positions` are byte offsets for lines and ordinals elsewhere; `contents` are the raw bytes of line or record, or
    for made events (flows) any bytes that tell one from another at the same place.
    """
    seed = blake2b(bytes.fromhex(source), digest_size=16, person=b"hanwatch.event")
    ids = []
    for position, content in zip(positions, contents, strict=True):
        state = seed.copy()
        state.update(position.to_bytes(8, "big"))
        state.update(content)
        ids.append(state.hexdigest())
    return ids

"""Who a record is: an id from its register, its first key and the moment of its making, so that it is known early."""

from collections.abc import Sequence
from hashlib import blake2b


def record_id(register: str, key: Sequence[object], at: int) -> str:
    """The id of a new record: 32 hexadecimal digits. Its key may change later; the id stays."""
    state = blake2b(digest_size=16, person=b"hanwatch.record")
    for part in (register, *map(str, key), str(at)):
        content = part.encode()
        state.update(len(content).to_bytes(4, "big") + content)
    return state.hexdigest()

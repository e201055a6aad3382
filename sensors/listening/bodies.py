"""Request bodies: read, unpacked and bounded, so that neither a long one, a bomb nor a slow sender takes the memory."""

import asyncio
import zlib
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any, TypeAlias

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]

_THREAD_BYTES = 64 << 10
"""Larger bodies are unpacked in a thread, so that other connections go on meanwhile."""


PASSED_OVER_BYTES = 8 << 20
PASSED_OVER_SECONDS = 2.0


class BodyRefused(Exception):  # noqa: N818 - it says what it is
    """The body is not taken: the HTTP status, why, and whether some of it may still come."""

    def __init__(self, status: int, reason: str, *, unread: bool = False) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.unread = unread


async def pass_over(receive: Receive) -> None:
    """Read and drop what is left of a body, within bounds.

    A connection that is closed over bytes that nobody read is reset, and the reset may take the answer along before the
    client has read it (RFC 9112 section 9.6).
    """
    left = PASSED_OVER_BYTES
    with suppress(TimeoutError):
        async with asyncio.timeout(PASSED_OVER_SECONDS):
            while left > 0:
                message = await receive()
                left -= len(message.get("body", b""))
                if not message.get("more_body", False):
                    return


async def read_body(receive: Receive, headers: dict[bytes, bytes], longest: int, stall_seconds: float) -> bytes:
    """The whole body, unpacked.

    Raises:
        BodyRefused: longer than allowed (413), packed in a way that nobody knows (415) or damaged (400), or nothing
            more came (408).
    """
    packing = headers.get(b"content-encoding", b"identity").strip().lower()
    if packing not in {b"identity", b"gzip", b"x-gzip", b"deflate", b""}:
        reason = f"content-encoding {packing[:40].decode('latin-1')} is not supported"
        raise BodyRefused(415, reason, unread=True)
    said = headers.get(b"content-length", b"0")
    if said.isdigit() and int(said) > longest:
        raise BodyRefused(413, f"the body is longer than {longest} bytes", unread=True)
    pieces: list[bytes] = []
    size = 0
    while True:
        try:
            message = await asyncio.wait_for(receive(), stall_seconds)
        except TimeoutError:
            raise BodyRefused(408, "the body was never finished") from None
        if message["type"] == "http.disconnect":
            raise BodyRefused(400, "the connection ended within the body")
        piece = message.get("body", b"")
        size += len(piece)
        if size > longest:
            raise BodyRefused(
                413, f"the body is longer than {longest} bytes", unread=message.get("more_body", False)
            )
        pieces.append(piece)
        if not message.get("more_body", False):
            break
    body = b"".join(pieces)
    if packing in {b"identity", b""}:
        return body
    if size < _THREAD_BYTES:
        return unpacked(body, longest)
    return await asyncio.to_thread(unpacked, body, longest)


def unpacked(packed: bytes, longest: int) -> bytes:
    """The content of gzip members or a zlib stream (RFC 1952, RFC 1950), never more than `longest` bytes of it.

    Raises:
        BodyRefused: it is longer (413), or damaged (400).
    """
    found: list[bytes] = []
    left = longest
    rest = packed
    while rest:
        unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32)
        try:
            piece = unpacker.decompress(rest, left + 1)
        except zlib.error as error:
            raise BodyRefused(400, f"the body is damaged: {error}") from error
        left -= len(piece)
        if left < 0:
            raise BodyRefused(413, f"the body is longer than {longest} bytes once unpacked")
        if not unpacker.eof:
            raise BodyRefused(400, "the body is damaged: it ends too early")
        found.append(piece)
        rest = unpacker.unused_data
    return b"".join(found)

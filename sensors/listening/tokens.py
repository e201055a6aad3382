"""Who may send over HTTP: nobody without a token, compared in constant time.

A token is given as Elasticsearch's clients send it: `Bearer TOKEN`, `ApiKey BASE64(id:TOKEN)` or the token itself, or
`Basic BASE64(user:TOKEN)` (RFC 7617, RFC 6750; Elasticsearch, "Token-based authentication services").
"""

import base64
import binascii
import hmac
from collections.abc import Iterable
from hashlib import sha256

from sensors.errors import Place
from sensors.listening.errors import TokensUnusable
from sensors.settings import ListenerSettings

SHORTEST = 16
"""A shorter token could be guessed."""


class Tokens:
    """The tokens of one listener, kept as digests of equal length."""

    def __init__(self, tokens: Iterable[str]) -> None:
        self._digests = [_digest(token.encode()) for token in tokens]

    def __len__(self) -> int:
        return len(self._digests)

    def admits(self, authorization: bytes | None) -> bool:
        """Whether the value of an Authorization header carries one of the tokens."""
        if authorization is None:
            return False
        scheme, _, credentials = authorization.strip().partition(b" ")
        credentials = credentials.strip()
        found = False
        for candidate in _candidates(scheme.lower(), credentials):
            digest = _digest(candidate)
            for known in self._digests:
                # No early end: how long this takes must not say how far a guess was right.
                found |= hmac.compare_digest(digest, known)
        return found


def tokens_of(settings: ListenerSettings) -> Tokens:
    """The tokens that the settings name, those of the file too: a line each, blank lines and `#` left out.

    Raises:
        TokensUnusable: the file cannot be read, or a token is too short.
    """
    tokens = list(settings.tokens)
    place = None
    if settings.token_file is not None:
        place = Place(str(settings.token_file))
        try:
            text = settings.token_file.expanduser().read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise TokensUnusable(place=place, name=settings.identity, reason=str(error)) from error
        tokens += [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    if any(len(token) < SHORTEST for token in tokens):
        raise TokensUnusable(place=place, name=settings.identity, reason="token-short")
    return Tokens(tokens)


def _candidates(scheme: bytes, credentials: bytes) -> list[bytes]:
    if scheme == b"bearer":
        return [credentials]
    if scheme not in {b"apikey", b"basic"}:
        return []
    try:
        pair = base64.b64decode(credentials, validate=True)
    except (binascii.Error, ValueError):
        pair = b""
    name, colon, secret = pair.partition(b":")
    said = [secret] if colon and name else []
    return [*said, credentials] if scheme == b"apikey" else said


def _digest(token: bytes) -> bytes:
    return sha256(token).digest()

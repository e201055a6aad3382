"""Secrets by reference: read when they are needed, never shown, and taken out of what others say about them.

Settings only name them: `env:NAME` is an environment variable, `file:/path` the content of a file.
"""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from sensors.errors import Place

OWN_PREFIX = "HANWATCH_"
"""Variables that begin so are settings themselves: a secret in one of them would be refused as an unknown key."""
HIDDEN = "***"
_SHORTEST = 4
"""Anything shorter would be found in words that have nothing to do with it."""


class SecretMissingError(Exception):
    """A secret cannot be had: where it should be, and why not (`reason`: a code of the catalogues or words)."""

    def __init__(self, place: Place, reason: str) -> None:
        super().__init__(f"{place}: {reason}")
        self.place = place
        self.reason = reason


def check_reference(reference: str) -> None:
    """See whether this only names a secret.

    Raises:
        ValueError: it does not; what it is instead is most likely the secret itself, and not repeated.
    """
    kind, colon, name = reference.partition(":")
    if not colon or not name or kind not in {"env", "file"}:
        raise ValueError("a secret is only named: write env:NAME or file:/path, never the secret itself")
    if kind == "env" and name.startswith(OWN_PREFIX):
        raise ValueError(f"variables that begin with {OWN_PREFIX} are settings: choose another name for the secret")


def read_secret(reference: str, environment: Mapping[str, str] | None = None) -> str:
    """The secret of a reference; empty for none.

    Raises:
        SecretMissingError: the variable is not set, the file cannot be read, or it is not one line of visible ASCII.
    """
    if not reference:
        return ""
    kind, _, where = reference.partition(":")
    if kind == "env":
        found = (os.environ if environment is None else environment).get(where, "")
        place, reason = Place(f"${where}"), "secret-not-set"
    else:
        place, reason = Place(where), "secret-empty"
        try:
            found = Path(where).expanduser().read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            words = (error.strerror if isinstance(error, OSError) else None) or "not UTF-8"
            raise SecretMissingError(place, words) from None
    found = found.strip()
    if not found:
        raise SecretMissingError(place, reason)
    if not found.isprintable() or not found.isascii():
        raise SecretMissingError(place, "secret-lines")
    return found


def hide(text: str, secrets: Iterable[str]) -> str:
    """A text in which no secret stands any more, whoever put it there."""
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _SHORTEST:
            text = text.replace(secret, HIDDEN)
    return text


def open_to_others(reference: str) -> bool:
    """Whether a secret lies in a file that others than its owner may read."""
    kind, _, where = reference.partition(":")
    if kind != "file" or os.name != "posix":
        return False
    try:
        return bool(Path(where).expanduser().stat().st_mode & 0o077)
    except OSError:
        return False

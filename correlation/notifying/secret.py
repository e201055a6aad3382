"""Secrets by reference: read when they are needed, never shown, and taken out of what others say about them."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from correlation.notifying.errors import SecretUnusable
from sensors.errors import Place

HIDDEN = "***"
_SHORTEST = 4
"""Anything shorter would be found in words that have nothing to do with it."""


def secret_of(name: str, reference: str, environment: Mapping[str, str] | None = None) -> str:
    """The secret that channel `name` refers to; empty where it refers to none.

    Raises:
        SecretUnusable: the variable is not set, the file cannot be read, or there is nothing in it.
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
            raise SecretUnusable(place=place, name=name, reason=words) from None
    found = found.strip()
    if not found:
        raise SecretUnusable(place=place, name=name, reason=reason)
    if not found.isprintable() or not found.isascii():
        raise SecretUnusable(place=place, name=name, reason="secret-lines")
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

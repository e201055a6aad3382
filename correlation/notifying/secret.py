"""The secrets of channels."""

from collections.abc import Mapping

from correlation.notifying.errors import SecretUnusable
from correlation.secret import SecretMissingError, read_secret


def secret_of(name: str, reference: str, environment: Mapping[str, str] | None = None) -> str:
    """The secret that channel `name` refers to; empty where it refers to none.

    Raises:
        SecretUnusable: the variable is not set, the file cannot be read, or there is nothing in it.
    """
    try:
        return read_secret(reference, environment)
    except SecretMissingError as error:
        raise SecretUnusable(place=error.place, name=name, reason=error.reason) from None

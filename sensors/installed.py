"""Which versions are installed, read once: afterwards the folder that says it may no longer be readable."""

from functools import cache
from importlib.metadata import version


@cache
def installed(package: str) -> str:
    """The version of a package, as its metadata has it.

    Raises:
        PackageNotFoundError: it is not installed.
    """
    return version(package)

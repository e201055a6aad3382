"""The version that is installed."""

from importlib.metadata import version as distribution_version


def version() -> str:
    """As the package's metadata has it."""
    return distribution_version("hanwatch")

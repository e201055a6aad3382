"""The version that is installed."""

from sensors.installed import installed


def version() -> str:
    """As the package's metadata has it."""
    return installed("hanwatch")

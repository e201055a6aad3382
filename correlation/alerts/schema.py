"""The relational tables of this room as a schema: what `inventory.database` needs to bring them up to date."""

from typing import Final

from sqlalchemy import Engine

from inventory.database import Schema
from inventory.database import open_database as open_with

SCHEMA: Final = Schema(versions="correlation_version", head="0007", package="correlation.alerts")


def open_database(url: str) -> Engine:
    """A database with the tables of this room alone."""
    return open_with(url, (SCHEMA,))

"""The relational tables of this room as a schema: what `inventory.database` needs to bring them up to date."""

from typing import Final

from inventory.database import Schema

SCHEMA: Final = Schema(versions="inventory_version", head="0003", package="inventory.store")

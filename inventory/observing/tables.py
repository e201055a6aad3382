"""The relational table of what was seen; the migrations of the room make it."""

from sqlalchemy import Column, String, Table, Text

from inventory.store.tables import metadata

sighting = Table(
    "inventory_sighting",
    metadata,
    Column("address", String(45), primary_key=True),
    Column("sign", String(20), primary_key=True),
    Column("value", String(255), primary_key=True, doc="empty for traffic"),
    Column("first", String(10), nullable=False, index=True, doc="day in the city"),
    Column("last", String(10), nullable=False, index=True, doc="day in the city"),
    Column("dataset", String(200), nullable=False),
    Column("event", String(32), nullable=False),
    Column("source", Text, nullable=False),
)
"""Each thing that was seen of an address, once, with the first event that showed it."""

"""The relational tables of what scanners found and what advisories tell; the migrations of the room make them."""

from sqlalchemy import JSON, BigInteger, Column, Index, Integer, LargeBinary, String, Table, Text

from inventory.store.tables import metadata

advisory = Table(
    "inventory_advisory",
    metadata,
    Column("source", String(20), primary_key=True),
    Column("id", String(200), primary_key=True, doc="the source's own"),
    Column("first", BigInteger, nullable=False, doc="ns since 1970: since when it is known here"),
    Column("at", BigInteger, nullable=False, doc="ns since 1970: when it was read as it stands"),
    Column("file", Text, nullable=False),
    Column("content", JSON, nullable=False),
)
"""What each source tells of each vulnerability, as it was told last."""

scan = Table(
    "inventory_scan",
    metadata,
    Column("id", String(64), primary_key=True, doc="SHA-256 of the file"),
    Column("scanner", String(40), nullable=False),
    Column("at", BigInteger, nullable=False, doc="ns since 1970: when it ended"),
    Column("imported", BigInteger, nullable=False, doc="ns since 1970"),
    Column("file", Text, nullable=False),
    Column("content", LargeBinary, nullable=False, doc="findings and coverage, JSON compressed by zlib"),
    Index(None, "scanner", "at"),
)
"""Every scan that was read, whole: what comes late is put in its place, and all is folded anew."""

finding = Table(
    "inventory_finding",
    metadata,
    Column("id", String(24), primary_key=True),
    Column("scanner", String(40), nullable=False, index=True),
    Column("status", String(10), nullable=False, index=True),
    Column("first_seen", BigInteger, nullable=False),
    Column("last_seen", BigInteger, nullable=False),
    Column("closed", BigInteger),
    Column("closed_by", String(64), nullable=False, doc="the scan; empty for none"),
    Column("reopened", Integer, nullable=False),
    Column("latest", JSON, nullable=False, doc="as it was seen last"),
)
"""How findings stand after all scans: derived, and made anew where a scan comes late."""

ownership = Table(
    "inventory_vulnerability_owner",
    metadata,
    Column("id", String(24), primary_key=True, doc="of a finding or a match"),
    Column("owner", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("at", BigInteger, nullable=False, doc="ns since 1970"),
    Column("by", Text, nullable=False),
)
"""Who looks after a finding or a match, as people said."""

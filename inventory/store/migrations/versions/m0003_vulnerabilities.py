"""What scanners found, what advisories tell, and who looks after it."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "inventory_advisory",
        sa.Column("source", sa.String(20), primary_key=True),
        sa.Column("id", sa.String(200), primary_key=True),
        sa.Column("first", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("file", sa.Text, nullable=False),
        sa.Column("content", sa.JSON, nullable=False),
    )
    op.create_table(
        "inventory_scan",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("scanner", sa.String(40), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("imported", sa.BigInteger, nullable=False),
        sa.Column("file", sa.Text, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    op.create_index("ix_inventory_scan_scanner_at", "inventory_scan", ["scanner", "at"])
    op.create_table(
        "inventory_finding",
        sa.Column("id", sa.String(24), primary_key=True),
        sa.Column("scanner", sa.String(40), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("first_seen", sa.BigInteger, nullable=False),
        sa.Column("last_seen", sa.BigInteger, nullable=False),
        sa.Column("closed", sa.BigInteger),
        sa.Column("closed_by", sa.String(64), nullable=False),
        sa.Column("reopened", sa.Integer, nullable=False),
        sa.Column("latest", sa.JSON, nullable=False),
    )
    op.create_index("ix_inventory_finding_scanner", "inventory_finding", ["scanner"])
    op.create_index("ix_inventory_finding_status", "inventory_finding", ["status"])
    op.create_table(
        "inventory_vulnerability_owner",
        sa.Column("id", sa.String(24), primary_key=True),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
    )


def downgrade() -> None:
    """Drop the tables."""
    for name in ("vulnerability_owner", "finding", "scan", "advisory"):
        op.drop_table(f"inventory_{name}")

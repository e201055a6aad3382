"""What traffic and logs showed of addresses."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "inventory_sighting",
        sa.Column("address", sa.String(45), primary_key=True),
        sa.Column("sign", sa.String(20), primary_key=True),
        sa.Column("value", sa.String(255), primary_key=True),
        sa.Column("first", sa.String(10), nullable=False),
        sa.Column("last", sa.String(10), nullable=False),
        sa.Column("dataset", sa.String(200), nullable=False),
        sa.Column("event", sa.String(32), nullable=False),
        sa.Column("source", sa.Text, nullable=False),
    )
    op.create_index("ix_inventory_sighting_first", "inventory_sighting", ["first"])
    op.create_index("ix_inventory_sighting_last", "inventory_sighting", ["last"])


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("inventory_sighting")

"""Alerts and their evidence."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "alert",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("rule_id", sa.String(200), nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("title_zh", sa.Text, nullable=False),
        sa.Column("level", sa.Integer, nullable=False),
        sa.Column("attack", sa.JSON, nullable=False),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
    )
    op.create_index("ix_alert_time_id", "alert", ["time", "id"])
    op.create_index("ix_alert_rule_id_time", "alert", ["rule_id", "time"])
    op.create_table(
        "alert_evidence",
        sa.Column("alert_id", sa.String(32), sa.ForeignKey("alert.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("place", sa.Integer, primary_key=True),
        sa.Column("event_id", sa.String(32), nullable=False),
        sa.Column("dataset", sa.String(200), nullable=False),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("source_id", sa.String(32), nullable=False),
        sa.Column("source_name", sa.Text, nullable=False),
        sa.Column("unit", sa.String(10), nullable=False),
        sa.Column("ordinal", sa.BigInteger, nullable=False),
        sa.Column("summary", sa.JSON, nullable=False),
    )
    op.create_index("ix_alert_evidence_event_id", "alert_evidence", ["event_id"])


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("alert_evidence")
    op.drop_table("alert")

"""Incidents, and the list of alerts that they have not taken yet: all that are there."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the tables, and let the alerts that were recorded before become incidents as well."""
    op.create_table(
        "alert_outbox",
        sa.Column("alert_id", sa.String(32), sa.ForeignKey("alert.id", ondelete="CASCADE"), primary_key=True),
    )
    op.execute("INSERT INTO alert_outbox (alert_id) SELECT id FROM alert")
    op.create_table(
        "incident",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("first_alert", sa.String(32), nullable=False),
        sa.Column("begun", sa.BigInteger, nullable=False),
        sa.Column("merged_into", sa.String(32), nullable=False),
        sa.Column("root", sa.String(32), nullable=False),
        sa.Column("last", sa.BigInteger, nullable=False),
        sa.Column("alerts", sa.Integer, nullable=False),
        sa.Column("suppressed", sa.Integer, nullable=False),
        sa.Column("score", sa.Integer, nullable=False),
        sa.Column("severity", sa.String(20), nullable=False),
        sa.Column("colour", sa.String(10), nullable=False),
        sa.Column("warning", sa.String(200), nullable=False),
        sa.Column("policy", sa.String(16), nullable=False),
        sa.Column("sums", sa.JSON, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("assignee", sa.String(200), nullable=False),
    )
    op.create_index("ix_incident_last_id", "incident", ["last", "id"])
    op.create_index("ix_incident_root", "incident", ["root"])
    op.create_index("ix_incident_policy", "incident", ["policy"])
    op.create_table(
        "incident_member",
        sa.Column("alert_id", sa.String(32), sa.ForeignKey("alert.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("incident_id", sa.String(32), nullable=False),
        sa.Column("root", sa.String(32), nullable=False),
        sa.Column("window_id", sa.String(32), nullable=False),
        sa.Column("facts", sa.JSON, nullable=False),
        sa.Column("joined", sa.JSON, nullable=False),
    )
    op.create_index("ix_incident_member_time_alert_id", "incident_member", ["time", "alert_id"])
    op.create_index("ix_incident_member_incident_id", "incident_member", ["incident_id"])
    op.create_index("ix_incident_member_root_time_alert_id", "incident_member", ["root", "time", "alert_id"])
    op.create_table(
        "incident_change",
        sa.Column("subject", sa.String(40), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("who", sa.String(200), nullable=False),
        sa.Column("what", sa.String(20), nullable=False),
        sa.Column("before", sa.JSON, nullable=False),
        sa.Column("after", sa.JSON, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
    )


def downgrade() -> None:
    """Drop the tables."""
    for name in ("incident_change", "incident_member", "incident", "alert_outbox"):
        op.drop_table(name)

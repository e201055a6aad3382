"""The order in which alerts were recorded, and the messages that are made of them."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the tables; alerts that are there already are taken as recorded in the order in which they were found."""
    op.create_table(
        "alert_order",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("alerts", sa.JSON, nullable=False),
    )
    found = op.get_bind().execute(sa.text("SELECT id FROM alert ORDER BY created, id")).scalars().all()
    order = sa.table("alert_order", sa.column("number", sa.BigInteger), sa.column("alerts", sa.JSON))
    rows = [
        {"number": number, "alerts": list(found[first : first + 1_000])}
        for number, first in enumerate(range(0, len(found), 1_000), 1)
    ]
    if rows:
        op.bulk_insert(order, rows)
    op.create_table(
        "notify_position",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("held", sa.JSON, nullable=False),
    )
    op.create_table(
        "notify_window",
        sa.Column("channel", sa.String(60), primary_key=True),
        sa.Column("route", sa.String(60), primary_key=True),
        sa.Column("opened", sa.BigInteger, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.Column("told", sa.Integer, nullable=False),
    )
    op.create_table(
        "notify_topic",
        sa.Column("channel", sa.String(60), primary_key=True),
        sa.Column("route", sa.String(60), primary_key=True),
        sa.Column("key", sa.String(32), primary_key=True),
        sa.Column("seen", sa.Boolean, nullable=False),
        sa.Column("topic", sa.JSON, nullable=False),
    )
    op.create_table(
        "notify_outbox",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("channel", sa.String(60), nullable=False),
        sa.Column("route", sa.String(60), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("level", sa.Integer, nullable=False),
        sa.Column("count", sa.BigInteger, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("due", sa.BigInteger, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("tried", sa.BigInteger, nullable=False),
        sa.Column("finished", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("answer", sa.String(40), nullable=False),
        sa.Column("only", sa.JSON, nullable=False),
        sa.Column("notice", sa.JSON, nullable=False),
    )
    op.create_index("ix_notify_outbox_state_channel_due", "notify_outbox", ["state", "channel", "due"])
    op.create_index("ix_notify_outbox_channel_tried", "notify_outbox", ["channel", "tried"])
    op.create_index("ix_notify_outbox_created", "notify_outbox", ["created"])


def downgrade() -> None:
    """Drop the tables."""
    for table in ("notify_outbox", "notify_topic", "notify_window", "notify_position", "alert_order"):
        op.drop_table(table)

"""What exceptions hide of correlations, and which findings they kept from correlations above."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the table and the column."""
    op.create_table(
        "alert_excepted",
        sa.Column("alert_id", sa.String(32), primary_key=True),
        sa.Column("exception", sa.String(64), primary_key=True),
        sa.Column("rule_id", sa.String(200), nullable=False),
        sa.Column("time", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_alert_excepted_exception", "alert_excepted", ["exception"])
    op.add_column("window_operation", sa.Column("withheld", sa.JSON))


def downgrade() -> None:
    """Take them away."""
    op.drop_column("window_operation", "withheld")
    op.drop_table("alert_excepted")

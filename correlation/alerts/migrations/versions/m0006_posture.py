"""Snapshots of posture with the facts and the policies that they were computed by."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "posture_policy",
        sa.Column("digest", sa.String(16), primary_key=True),
        sa.Column("text", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "posture_snapshot",
        sa.Column("moment", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("policy", sa.String(16), nullable=False),
        sa.Column("facts", sa.LargeBinary, nullable=False),
        sa.Column("facts_digest", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("scores", sa.LargeBinary, nullable=False),
        sa.Column("score", sa.Integer, nullable=False),
        sa.Column("coverage", sa.Integer, nullable=False),
    )


def downgrade() -> None:
    """Drop the tables."""
    for name in ("posture_snapshot", "posture_policy"):
        op.drop_table(name)

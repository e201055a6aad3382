"""The relational tables of posture; the migrations beside those of alerts make them."""

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, String, Table

from correlation.alerts.tables import metadata

policy = Table(
    "posture_policy",
    metadata,
    Column("digest", String(16), primary_key=True),
    Column("text", LargeBinary, nullable=False, doc="canonical JSON: correlation.posture.policy"),
)
"""Every policy that a snapshot was made by, so that it can be made again after the policy has changed."""

snapshot = Table(
    "posture_snapshot",
    metadata,
    Column("moment", BigInteger, primary_key=True, autoincrement=False, doc="ns since 1970"),
    Column("policy", String(16), nullable=False, doc="its digest"),
    Column("facts", LargeBinary, nullable=False, doc="correlation.posture.codec, deflated"),
    Column("facts_digest", String(64), nullable=False, doc="SHA-256 of the facts before they were deflated"),
    Column("digest", String(64), nullable=False, doc="of everything that the posture said"),
    Column("scores", LargeBinary, nullable=False, doc="score, grade, coverage and confidence by scope, deflated"),
    Column("score", Integer, nullable=False, doc="of the city, in 1/10,000 of a point"),
    Column("coverage", Integer, nullable=False, doc="of the city, in 1/10,000"),
)

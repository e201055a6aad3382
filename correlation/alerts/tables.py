"""The relational tables of alerts; the migrations beside this module make them."""

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, MetaData, String, Table, Text

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

alert = Table(
    "alert",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("rule_id", String(200), nullable=False),
    Column("title", Text, nullable=False),
    Column("title_zh", Text, nullable=False),
    Column("level", Integer, nullable=False, doc="place in correlation.alerts.model.LEVELS, so that it sorts"),
    Column("attack", JSON, nullable=False),
    Column("time", BigInteger, nullable=False, doc="event time, ns since 1970"),
    Column("created", BigInteger, nullable=False, doc="when it was found, ns since 1970"),
    Column("state", String(20), nullable=False),
    Index("ix_alert_time_id", "time", "id"),
    Index("ix_alert_rule_id_time", "rule_id", "time"),
)

evidence = Table(
    "alert_evidence",
    metadata,
    Column("alert_id", String(32), ForeignKey("alert.id", ondelete="CASCADE"), primary_key=True),
    Column("place", Integer, primary_key=True, doc="its order in the alert, from 0"),
    Column("event_id", String(32), nullable=False, index=True),
    Column("dataset", String(200), nullable=False),
    Column("time", BigInteger, nullable=False),
    Column("source_id", String(32), nullable=False),
    Column("source_name", Text, nullable=False),
    Column("unit", String(10), nullable=False),
    Column("ordinal", BigInteger, nullable=False),
    Column("summary", JSON, nullable=False),
)

outbox = Table(
    "alert_outbox",
    metadata,
    Column("alert_id", String(32), ForeignKey("alert.id", ondelete="CASCADE"), primary_key=True),
)
"""Alerts that have not become part of an incident yet: entered with the alert, in one transaction."""

window_state = Table(
    "window_state",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False, doc="1: there is one row at most"),
    Column("sequence", BigInteger, nullable=False, doc="the last record of the spool that is in it"),
    Column("state", LargeBinary, nullable=False, doc="correlation.windows.state"),
)

window_operation = Table(
    "window_operation",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False, doc="in the order in which they were done"),
    Column("sequence", BigInteger, nullable=False),
    Column("moment", BigInteger, nullable=False, doc="event time, ns since 1970"),
    Column("signals", LargeBinary, doc="null: windows were told to wait no longer"),
)

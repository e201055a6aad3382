"""The relational tables of alerts; the migrations beside this module make them."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

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
    Column("withheld", JSON, doc="findings that exceptions kept from correlations: id, time, group; null: none"),
)

excepted = Table(
    "alert_excepted",
    metadata,
    Column("alert_id", String(32), primary_key=True, doc="what the alert's id would have been"),
    Column("exception", String(64), primary_key=True, doc="the exception's id"),
    Column("rule_id", String(200), nullable=False),
    Column("time", BigInteger, nullable=False, doc="event time, ns since 1970"),
    Index("ix_alert_excepted_exception", "exception"),
)
"""What correlations found and exceptions hid; of rules the ledger counts it, with the events that they are of."""

detector_state = Table(
    "detector_state",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("sequence", BigInteger, nullable=False, doc="the last record of the spool that is in it"),
    Column("state", LargeBinary, nullable=False, doc="what the detector remembers, as JSON"),
)

alert_order = Table(
    "alert_order",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False, doc="in the order of recording"),
    # A list, since a row for each alert would cost recording a seventh of what it takes.
    Column("alerts", JSON, nullable=False, doc="ids, as many as were recorded together, 1,000 at most"),
)

notify_position = Table(
    "notify_position",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False, doc="1: there is one row at most"),
    Column("number", BigInteger, nullable=False, doc="the last alert_order.number that was looked at"),
    Column("held", JSON, nullable=False, doc="how many alerts were held back, by reason"),
)

notify_window = Table(
    "notify_window",
    metadata,
    Column("channel", String(60), primary_key=True),
    Column("route", String(60), primary_key=True),
    Column("opened", BigInteger, nullable=False, doc="ns since 1970"),
    Column("until", BigInteger, nullable=False, doc="ns since 1970"),
    Column("told", Integer, nullable=False, doc="how many notices it has had"),
)

notify_topic = Table(
    "notify_topic",
    metadata,
    Column("channel", String(60), primary_key=True),
    Column("route", String(60), primary_key=True),
    Column("key", String(32), primary_key=True),
    Column("seen", Boolean, nullable=False, doc="whether anything came in this window"),
    Column("topic", JSON, nullable=False, doc="correlation.notifying.model.Topic"),
)

notify_outbox = Table(
    "notify_outbox",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("channel", String(60), nullable=False),
    Column("route", String(60), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("level", Integer, nullable=False, doc="place in correlation.alerts.model.LEVELS"),
    Column("count", BigInteger, nullable=False, doc="how many alerts it tells of"),
    Column("created", BigInteger, nullable=False, doc="ns since 1970, as all times here"),
    Column("state", String(10), nullable=False, doc="waiting, sent or failed"),
    Column("due", BigInteger, nullable=False, doc="not to be tried before"),
    Column("attempts", Integer, nullable=False),
    Column("tried", BigInteger, nullable=False, doc="when it was tried last; 0: never"),
    Column("finished", BigInteger, nullable=False, doc="when it was sent or had failed; 0: not yet"),
    Column("reason", Text, nullable=False, doc="why the last attempt failed: a code or words"),
    Column("answer", String(40), nullable=False, doc="the other side's number with it"),
    Column("only", JSON, nullable=False, doc="recipients who have not got it; empty: all"),
    Column("notice", JSON, nullable=False, doc="correlation.notifying.model.Notice"),
    Index("ix_notify_outbox_state_channel_due", "state", "channel", "due"),
    Index("ix_notify_outbox_channel_tried", "channel", "tried"),
    Index("ix_notify_outbox_created", "created"),
)

"""The relational tables of incidents; the migrations beside those of alerts make them."""

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Index, Integer, String, Table

from correlation.alerts.tables import metadata

incident = Table(
    "incident",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("first_alert", String(32), nullable=False, doc="the alert that it begins with; its id is derived from it"),
    Column("begun", BigInteger, nullable=False, doc="event time of that alert, ns since 1970"),
    Column("merged_into", String(32), nullable=False, doc="the incident that an alert joined it to; empty for none"),
    Column("root", String(32), nullable=False, doc="where that leads in the end; itself where it is part of no other"),
    Column("last", BigInteger, nullable=False, doc="event time of its newest alert"),
    Column("alerts", Integer, nullable=False),
    Column("suppressed", Integer, nullable=False),
    Column("score", Integer, nullable=False),
    Column("severity", String(20), nullable=False),
    Column("colour", String(10), nullable=False),
    Column("warning", String(200), nullable=False),
    Column("policy", String(16), nullable=False, doc="fingerprint of the weights that it was judged by"),
    Column("sums", JSON, nullable=False, doc="correlation.incidents.sums"),
    Column("version", Integer, nullable=False, doc="of the last change in its log; 0 for none"),
    Column("state", String(20), nullable=False),
    Column("assignee", String(200), nullable=False),
    Index("ix_incident_last_id", "last", "id"),
    Index("ix_incident_root", "root"),
    Index("ix_incident_policy", "policy"),
)

member = Table(
    "incident_member",
    metadata,
    Column("alert_id", String(32), ForeignKey("alert.id", ondelete="CASCADE"), primary_key=True),
    Column("time", BigInteger, nullable=False, doc="event time of the alert"),
    Column("incident_id", String(32), nullable=False, doc="where it was put when it came"),
    Column("root", String(32), nullable=False, doc="the incident that this is part of by now"),
    Column("window_id", String(32), nullable=False, doc="the window that suppresses it; empty for none"),
    Column("facts", JSON, nullable=False, doc="correlation.incidents.codec"),
    Column("joined", JSON, nullable=False, doc="the reasons; empty where it began an incident"),
    Index("ix_incident_member_time_alert_id", "time", "alert_id"),
    Index("ix_incident_member_incident_id", "incident_id"),
    Index("ix_incident_member_root_time_alert_id", "root", "time", "alert_id"),
)

change = Table(
    "incident_change",
    metadata,
    Column("subject", String(40), primary_key=True, doc="an incident's id, or `window/` and a window's"),
    Column("version", Integer, primary_key=True, autoincrement=False, doc="from 1, without gaps"),
    Column("at", BigInteger, nullable=False, doc="ns since 1970"),
    Column("who", String(200), nullable=False),
    Column("what", String(20), nullable=False),
    Column("before", JSON, nullable=False),
    Column("after", JSON, nullable=False),
    Column("digest", String(64), nullable=False, doc="of this entry and the digest before it"),
)

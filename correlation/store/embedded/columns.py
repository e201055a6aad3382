"""Which fields have a typed column of their own in a segment; every other field is JSON text in `rest`.

A field is here when people filter, count or sort by it across datasets, or when it is long text that would make `rest`
slow to parse. A column that no event of a segment fills is not written, so a name costs nothing where it is unused;
each one that is used costs about 15 ns an event when written and saves a microsecond when `rest` need not be parsed.
The type of a column is part of its name in the file, so that a field whose declared type changes gets a new column.
"""

from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from sensors.event.fields import FieldType, field_type

TIME: Final = "@timestamp:date"
ID: Final = "event.id:id"
DATASET: Final = "event.dataset:keyword"
CREATED: Final = "event.created:date"
SEQUENCE: Final = "event.sequence:long"
REST: Final = "rest"
"""JSON text of the fields that have no column, or whose value a column cannot give back as it came."""
LEAVES: Final = "leaves"
"""JSON text, by leaf: the canonical values of fields in `rest` that are not searched as they stand there."""
MISFITS: Final = "misfits"
"""JSON text, by leaf: texts of values that do not fit their field's type."""
NULLS: Final = "nulls"
"""JSON text: names of fields with a column that are null in this event, where an empty column could mean absent."""

RESERVED: Final = frozenset({
    "@timestamp", "ecs.version", "event.id", "event.dataset", "event.created", "event.sequence",
    "hanwatch.source.id", "hanwatch.source.kind", "log.file.path",
})  # fmt: skip
"""Fields that come from the batch itself; a batch that sets one in its columns contradicts itself."""

_ONE: Final = (
    # what the batch says of every event
    "ecs.version", "event.dataset", "event.sequence", "hanwatch.source.id", "hanwatch.source.kind", "log.file.path",
    # what kind of event it is: almost every search, count and rule routing
    "event.kind", "event.module", "event.action", "event.outcome", "event.code", "event.provider", "event.severity",
    "event.duration",
    # the texts, which would dominate `rest`
    "message", "event.original",
    # who and where
    "host.name", "observer.name", "user.name", "user.domain", "user.id", "source.user.name",
    "process.name", "process.pid", "process.executable", "process.command_line", "process.entity_id",
    "process.parent.name", "process.parent.executable", "process.parent.command_line", "process.parent.pid",
    "file.path", "file.name", "registry.path", "service.name",
    # connections
    "source.ip", "source.port", "source.bytes", "source.packets",
    "destination.ip", "destination.port", "destination.bytes", "destination.packets", "destination.domain",
    "network.transport", "network.protocol", "network.community_id", "network.bytes", "network.packets",
    "network.direction", "network.type", "network.iana_number",
    # names and requests
    "dns.question.name", "dns.question.type", "dns.response_code", "dns.id", "dns.type",
    "tls.client.server_name", "tls.client.ja3", "tls.client.ja4", "tls.server.ja3s", "tls.version", "tls.cipher",
    "url.original", "url.domain", "url.path", "url.query", "http.request.method", "http.response.status_code",
    "http.response.body.bytes", "http.request.referrer", "http.version", "user_agent.original",
    # verdicts of other engines, and the part of Windows that every search names
    "rule.name", "rule.id", "rule.category", "winlog.channel", "winlog.computer_name", "winlog.record_id",
    "process.hash.sha256", "file.hash.sha256",
)  # fmt: skip
_MANY: Final = (
    "event.category", "event.type", "tags", "host.ip", "dns.resolved_ip", "dns.answers.data", "related.ip",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """A field with a column: its name and type, and whether an event may have several values."""

    field: str
    kind: FieldType
    many: bool

    @property
    def name(self) -> str:
        """The column's name in a segment."""
        if self.field == "event.id":
            return ID
        return f"{self.field}:{self.kind}{'[]' if self.many else ''}"

    @property
    def sql(self) -> str:
        """Its values in SQL, in the type that they are compared in (addresses as canonical text)."""
        return f'lower(hex("{ID}"))' if self.field == "event.id" else f'"{self.name}"'

    @property
    def bytes_name(self) -> str:
        """The second column of an address: its 16 bytes, which ranges and prefixes compare."""
        return f"{self.name}#"

    @property
    def arrow(self) -> pa.DataType:
        """Its type in Arrow."""
        one = {"long": pa.int64(), "double": pa.float64(), "boolean": pa.bool_(), "date": pa.int64()}.get(
            self.kind, pa.string()
        )
        return pa.list_(one) if self.many else one


def _columns() -> dict[str, Column]:
    found = [Column(name, field_type(name), many) for names, many in ((_ONE, False), (_MANY, True)) for name in names]
    own = [Column("@timestamp", "date", many=False), Column("event.created", "date", many=False)]
    own.append(Column("event.id", "keyword", many=False))
    return {column.field: column for column in (*own, *(one for one in found if one.kind not in ("date", "object")))}


COLUMNS: Final = _columns()
"""The columns by field. Dates other than the batch's own stay in `rest`: a column gives back ns, not the text."""

"""Suricata's EVE log: one JSON object a line, its kind in `event_type` (Suricata User Guide, "EVE JSON Format")."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from sensors.parser import Lines, Parsed
from sensors.parsers.assembly import Assembly
from sensors.parsers.instants import iso_moments
from sensors.parsers.jsonlines import load
from sensors.parsers.layouts import pick
from sensors.parsers.renaming import Renaming, below, renames

EVENT_TYPES = frozenset(
    """alert anomaly arp bittorrent_dht dcerpc dhcp dnp3 dns doh2 drop engine enip fileinfo flow frame ftp ftp_data http
    http2 ike ikev2 krb5 ldap mdns metadata modbus mqtt netflow nfs ntp packetinfo pgsql pop3 quic rdp rfb sip smb smtp
    snmp ssh stats telnet template tftp tls websocket""".split()  # noqa: SIM905 - a list of words reads better so
)
"""Types that Suricata writes (etc/schema.json of its source); each is a dataset, all others are `suricata.other`."""

OTHER = "other"
_KINDS = {"alert": "alert", "stats": "metric"}
_CATEGORIES: Mapping[str, list[str]] = {
    "alert": ["network", "intrusion_detection"],
    "drop": ["network"],
    "fileinfo": ["network", "file"],
    "http": ["network", "web"],
    "http2": ["network", "web"],
    "stats": ["host"],
    "engine": ["host"],
}
_TYPES: Mapping[str, list[str]] = {
    "alert": ["info"],
    "drop": ["denied"],
    "flow": ["connection", "end"],
    "netflow": ["connection"],
    "stats": ["info"],
    "engine": ["info"],
    "fileinfo": ["info"],
}


class SuricataEve:
    """Suricata EVE JSON lines."""

    name = "suricata.eve"

    def __init__(self) -> None:
        self._renaming = Renaming(renames("suricata_fields"), below("suricata.eve"), dropped=frozenset({"timestamp"}))

    def recognises(self, head: Sequence[bytes]) -> bool:
        """Whether most of these lines are objects with `event_type` and `timestamp`."""
        return sum(map(_is_eve, head)) * 2 > len(head)

    def parse(self, lines: Lines, state: Any) -> Parsed:  # noqa: ARG002 - this format has no state
        """Every object is an event of the dataset `suricata.<event_type>`."""
        loaded = load(lines)
        assembly = Assembly.of(lines, loaded.encodings)
        for layout in (part for one in loaded.layouts(lines) for part in one.by(("event_type",), _event_type)):
            rows = layout.rows
            said = dict(zip(layout.names, layout.columns, strict=True)).get("timestamp")
            moments = [None] * len(rows) if said is None else iso_moments(said)
            constants = _constants(str(layout.key))
            for chosen, columns in self._renaming.apply(layout.names, layout.columns):
                optional = _first_question(columns)
                assembly.add(
                    f"suricata.{layout.key}",
                    constants=constants,
                    rows=pick(rows, chosen),
                    moments=pick(moments, chosen),
                    columns=columns,
                    optional=[(name,) for name in optional],
                    spoken_time=None if said is None else (self._renaming.own("timestamp"), pick(said, chosen)),
                )
        return Parsed(tuple(assembly.batches), tuple(loaded.rejects), loaded.skipped)


def _is_eve(line: bytes) -> bool:
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        return b'"event_type"' in line and b'"timestamp"' in line
    return value.__class__ is dict and "event_type" in value and "timestamp" in value


def _event_type(named: Any) -> str:
    return named if named.__class__ is str and named in EVENT_TYPES else OTHER


def _constants(event_type: str) -> dict[str, Any]:
    return {
        "event.module": "suricata",
        "event.kind": _KINDS.get(event_type, "event"),
        "event.category": _CATEGORIES.get(event_type, ["network"]),
        "event.type": _TYPES.get(event_type, ["protocol"]),
        "observer.type": "ids",
    }


def _first_question(columns: dict[str, Sequence[Any]]) -> list[str]:
    """Version 3 of DNS logging lists its questions: the first one is copied to where ECS looks for it."""
    for source in ("suricata.eve.dns.queries", "suricata.eve.dns.query"):
        questions = columns.get(source)
        if questions is None:
            continue
        added = []
        for leaf, target in (("rrname", "dns.question.name"), ("rrtype", "dns.question.type")):
            if target in columns:
                continue
            values = [_leaf(question, leaf) for question in questions]
            columns[target] = values
            added.append(target)
        return added
    return []


def _leaf(questions: Any, leaf: str) -> str | None:
    if questions.__class__ is list and questions and questions[0].__class__ is dict:
        value = questions[0].get(leaf)
        return value if value.__class__ is str else None
    return None

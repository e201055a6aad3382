"""Zeek's logs, whatever they are written as: the log's name, its columns under ECS names, its events.

docs.zeek.org, "Log Files". A log that a site or a plug-in adds has the name that it gives itself.
"""

import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import PurePath
from types import NoneType
from typing import Any

import yaml

from sensors.parsers.assembly import Assembly
from sensors.parsers.caches import Bounded
from sensors.parsers.instants import epoch_moment, epoch_moments, iso_moment
from sensors.parsers.layouts import pick
from sensors.parsers.renaming import Rename, Renaming, below

OTHER = "other"
"""The log of records that do not say theirs."""

_LOG_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_ROTATED = re.compile(r"[-_.]\d[\d_.:T-]*$")
_ALERTS = frozenset({"notice", "intel", "signatures"})
_CATEGORIES: Mapping[str, list[str]] = {
    "http": ["network", "web"],
    "files": ["network", "file"],
    "pe": ["file"],
    "notice": ["network", "intrusion_detection"],
    "intel": ["network", "threat"],
    "signatures": ["network", "intrusion_detection"],
    "ftp": ["network", "file"],
    "smb_files": ["network", "file"],
    "kerberos": ["network", "authentication"],
    "ntlm": ["network", "authentication"],
    "radius": ["network", "authentication"],
}
_TYPES: Mapping[str, list[str]] = {
    "conn": ["connection", "end"],
    "files": ["info"],
    "notice": ["info"],
    "intel": ["indicator"],
}

# The shortest sets of keys that tell one log from the others, most particular first.
_SIGNATURES: tuple[tuple[str, frozenset[str]], ...] = tuple(
    (log, frozenset(keys.split()))
    for log, keys in (
        ("conn", "conn_state history"),
        ("conn", "conn_state"),
        ("dns", "trans_id rcode"),
        ("dns", "qclass qtype"),
        ("dns", "trans_id rejected"),
        ("http", "trans_depth request_body_len"),
        ("smtp", "trans_depth path"),
        ("ssl", "cipher established"),
        ("ssl", "resumed established"),
        ("x509", "certificate.serial"),
        ("files", "fuid analyzers"),
        ("notice", "note actions"),
        ("intel", "seen.indicator"),
        ("weird", "name notice peer"),
        ("ssh", "auth_attempts"),
        ("dhcp", "msg_types"),
        ("ftp", "user password command"),
        ("kerberos", "request_type client"),
        ("ntlm", "server_nb_computer_name"),
        ("rdp", "cookie security_protocol"),
        ("smb_mapping", "path share_type"),
        ("smb_files", "action path name"),
        ("dce_rpc", "endpoint operation"),
        ("sip", "call_id"),
        ("syslog", "facility severity message"),
        ("tunnel", "tunnel_type action"),
        ("modbus", "func pdu_type"),
        ("dnp3", "fc_request iin"),
        ("software", "software_type"),
        ("pe", "machine compile_ts"),
        ("ntp", "stratum ref_id"),
        ("snmp", "community get_requests"),
        ("socks", "request.host bound.host"),
        ("known_hosts", "ts host"),
    )
)


def log_named(name: Any) -> str | None:
    """The name if it can be a log's."""
    return name if name.__class__ is str and _LOG_NAME.fullmatch(name) else None


def log_of_file(path: str) -> str | None:
    """The log that a file's name says: conn.log, conn.2026-05-13-07-00-00.log, dns_20260513.log."""
    name = PurePath(path).name
    if ".log" not in name and ".json" not in name:
        return None
    stem = _ROTATED.sub("", re.split(r"\.(?:log|json)", name)[0])
    return log_named(stem) if stem in LOGS else None


def log_of_keys(keys: Sequence[str]) -> str:
    """The log whose records have such keys."""
    present = set(keys)
    return next((log for log, signature in _SIGNATURES if signature <= present), OTHER)


LOGS = frozenset(
    """
    analyzer bacnet bacnet_discovery bacnet_property broker bsap capture_loss cip cip_identity cip_io cluster
    cmd config conn conn_long cotp dce_rpc dhcp dnp3 dnp3_control dnp3_objects dns enip ethercat files ftp http
    intel irc kerberos known_certs known_devices known_hosts known_modbus known_services ldap ldap_search
    loaded_scripts login modbus modbus_detailed modbus_mask_write_register modbus_read_write_multiple_registers
    modbus_register_change mqtt_connect mqtt_publish mqtt_subscribe mysql netcontrol netcontrol_drop
    netcontrol_shunt notice notice_alarm ntlm ntp ocsp opcua_binary opcua_binary_browse openflow packet_filter
    pe postgresql print prof profinet quic radius rdp redis reporter rfb s7comm s7comm_plus s7comm_read_szl
    s7comm_upload_download signatures sip smb_cmd smb_files smb_mapping smtp snmp socks software ssh ssl stats
    stderr stdout syslog telemetry tftp traceroute tunnel unknown_protocols websocket weird weird_stats
    wireguard x509
    """.split()  # noqa: SIM905 - a list of words reads better so
)
"""Logs of Zeek and of the ICSNPP plug-ins, by which a file's name is believed."""


class Zeek:
    """Makes batches of the columns of Zeek's logs."""

    def __init__(self) -> None:
        entries = yaml.safe_load((files(__package__) / "zeek_fields.yml").read_text(encoding="utf-8"))
        self._entries: list[dict[str, str]] = entries
        self._renamings: Bounded[str, Renaming] = Bounded(self._renaming, entries=256)

    def _renaming(self, log: str) -> Renaming:
        table = {
            entry["from"]: Rename(entry["to"], entry.get("how"))
            for entry in self._entries
            if entry.get("log", log) == log
        }
        return Renaming(table, below(f"zeek.{log}"), dropped=frozenset({"ts"}))

    def add(
        self,
        log: str,
        rows: Sequence[int],
        names: tuple[str, ...],
        columns: Sequence[Sequence[Any]],
        assembly: Assembly,
    ) -> None:
        """Add rows of one log and layout to the assembly."""
        renaming = self._renamings[log]
        said = columns[names.index("ts")] if "ts" in names else None
        moments = [None] * len(rows) if said is None else moments_of(said)
        constants = {
            "event.module": "zeek",
            "event.kind": "alert" if log in _ALERTS else "event",
            "event.category": _CATEGORIES.get(log, ["network"]),
            "event.type": _TYPES.get(log, ["protocol"]),
            "observer.type": "sensor",
        }
        for chosen, renamed in renaming.apply(names, columns):
            assembly.add(
                f"zeek.{log}",
                constants=constants,
                rows=pick(rows, chosen),
                moments=pick(moments, chosen),
                columns=renamed,
                spoken_time=None if said is None else (renaming.own("ts"), pick(said, chosen)),
            )


def moments_of(column: Sequence[Any]) -> list[int | None]:
    """`moment` of every value of a column."""
    if column and column[0].__class__ is str and ":" in column[0]:
        return list(map(moment, column))
    found = epoch_moments(column)
    return found if NoneType not in set(map(type, found)) else list(map(moment, column))


def moment(value: Any) -> int | None:
    """Nanoseconds of `ts`: seconds since 1970 as a number or text, or ISO 8601 (LogAscii::json_timestamps)."""
    if value.__class__ is str and ":" in value:
        return iso_moment(value)
    return epoch_moment(value)

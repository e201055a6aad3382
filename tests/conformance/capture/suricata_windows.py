"""suricata-verify's checks on SSH, SMB, Kerberos and RDP read as questions about our events.

Asked is every check whose keys all have a field of ours, on a capture that Suricata reads whole. Of SMB it is asked
about the commands that make events here (`COMMANDS`): reads, writes, listings and what is inside pipes are none, so
that checks that name no command count what is not told.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from sensors.event.times import SECOND, from_iso
from tests.conformance.capture.suricata import CONFIGURED, FIELDS, Case, Event, Says, captured, field, fits, item
from tests.conformance.capture.suricata import events as all_events

KINDS: Final = {"ssh": "network.ssh", "smb": "network.smb", "krb5": "network.kerberos", "rdp": "network.rdp"}
"""EVE's kinds of events and our datasets."""
UNASKED: Final = frozenset({"event_type", "pcap_cnt", "tx_id", "smb.id"})
"""Keys that number packets and transactions."""
USUAL: Final = frozenset({
    "-k none", "--simulate-ips", "--runmode=single", "--set stream.midstream=true",
    "--set stream.reassembly.depth=0", "--set stream.bypass=yes", "--set app-layer.protocols.ssh.hassh=yes",
    "--set app-layer.protocols.ssh.encryption-handling=bypass",
})
"""Arguments under which Suricata reads what anybody would."""
DROPPED: Final = "dropped-flow"
"""Tests in which rules drop packets."""
COMMANDS: Final = {
    "SMB1_COMMAND_NEGOTIATE_PROTOCOL": "NEGOTIATE", "SMB1_COMMAND_SESSION_SETUP_ANDX": "SESSION_SETUP_ANDX",
    "SMB1_COMMAND_LOGOFF_ANDX": "LOGOFF_ANDX", "SMB1_COMMAND_TREE_CONNECT_ANDX": "TREE_CONNECT_ANDX",
    "SMB1_COMMAND_NT_CREATE_ANDX": "NT_CREATE_ANDX",
    "SMB2_COMMAND_NEGOTIATE_PROTOCOL": "NEGOTIATE_PROTOCOL", "SMB2_COMMAND_SESSION_SETUP": "SESSION_SETUP",
    "SMB2_COMMAND_SESSION_LOGOFF": "LOGOFF", "SMB2_COMMAND_TREE_CONNECT": "TREE_CONNECT",
    "SMB2_COMMAND_TREE_DISCONNECT": "TREE_DISCONNECT", "SMB2_COMMAND_CREATE": "CREATE",
    "SMB2_COMMAND_SET_INFO": "SET_INFO",
}
"""The commands that are told here, as EVE calls them and as we do."""
_EVE: Final = {ours: theirs for theirs, ours in COMMANDS.items()}


def cases() -> Iterator[Case]:
    """Every check that is asked."""
    for name, capture, test in captured():
        arguments = " ".join(test.get("args") or []).replace(" -", "\n-").splitlines()
        if name.startswith((*CONFIGURED, DROPPED)) or not USUAL.issuperset(one.strip() for one in arguments):
            continue
        for number, check in enumerate(test.get("checks") or []):
            asked = (check or {}).get("filter") or {}
            match: Mapping[str, Any] = asked.get("match") or {}
            kind = match.get("event_type")
            if kind not in KINDS or not isinstance(asked.get("count"), int):
                continue
            if "lt-version" in asked.get("requires", ()):
                continue
            values = {key: value for key, value in match.items() if key not in UNASKED}
            if kind == "smb" and values.get("smb.command", _without_command(values)) not in COMMANDS:
                continue
            if all(said(key) for key in values):
                yield Case(f"{name}#{number}", capture, KINDS[kind], values, asked["count"])


def _without_command(values: Mapping[str, Any]) -> str:
    """A command that a check without one is about: what only some command has."""
    return "SMB2_COMMAND_SET_INFO" if {"smb.rename.from", "smb.access"} & set(values) else ""


def events(capture: Path) -> list[Event]:
    """Our events of a capture; each of SMB with the dialect that its connection has agreed upon."""
    told = [event for event in all_events(capture) if event["event.dataset"] in KINDS.values()]
    dialects = {event["network.community_id"]: event["smb.dialect"] for event in told if event.get("smb.dialect")}
    return [{"agreed": dialects.get(event["network.community_id"], "unknown"), **event} for event in told]


def found(case: Case, ours: Iterable[Event]) -> int:
    """How many of our events the check would count."""
    return sum(fits(case.values, event, said) for event in ours if event["event.dataset"] == case.kind)


def said(key: str) -> Says | None:
    """What our events say where EVE has this key; None where they say nothing."""
    return OURS.get(key, FIELDS.get(key))


def _command(event: Event) -> Iterable[str]:
    names = event.get("smb.commands") or [event.get("smb.command")]
    return [_EVE[name] for name in names if name in _EVE]


def _status(event: Event) -> Iterable[str]:
    status = str(event.get("smb.status"))
    return status, {"ERRbaduid": "SRV_BADUID"}.get(status, "")


def _status_code(event: Event) -> Iterable[str]:
    code = event.get("smb.status_code")
    # Codes of DOS are written with four digits there, and their class is left out.
    return () if code is None else (f"0x{code:x}", f"0x{code >> 16:04x}")


def _number(name: str) -> Says:
    return lambda event: (int(event[name], 16),) if event.get(name) else ()


def _guid(octets: bytes) -> str:
    """Octets as EVE writes them: more parts of a GUID are turned round than Microsoft does it."""
    turned = octets[3::-1], octets[5:3:-1], octets[7:5:-1], octets[9:7:-1], octets[11:9:-1] + octets[:11:-1]
    return "-".join(part.hex() for part in turned)


def _server_guid(event: Event) -> Iterable[str]:
    return (_guid(UUID(event["smb.server.guid"]).bytes_le),) if "smb.server.guid" in event else ()


def _file(event: Event) -> Iterable[str]:
    return (_guid(bytes.fromhex(event["smb.fuid"])),) if "smb.fuid" in event else ()


def _share(*, pipe: bool) -> Says:
    return lambda event: (
        (event["smb.path"],) if event.get("smb.path") and (event.get("smb.share_type") == "PIPE") == pipe else ()
    )


def _seconds(name: str) -> Says:
    """A time in seconds since 1970, 0 where there is none."""

    def says(event: Event) -> Iterable[int]:
        if "smb.create_action" not in event:
            return ()
        text = event.get(name)
        return (from_iso(text) // SECOND if text else 0,)

    return says


def _size(event: Event) -> Iterable[int]:
    return (event.get("file.size", 0),) if "smb.create_action" in event else ()


def _message(event: Event) -> Iterable[str]:
    if "kerberos.success" not in event:
        return ()
    kind = event.get("kerberos.request_type", "")
    return (f"KRB_{kind}_REP",) if event["kerberos.success"] else ("KRB_ERROR",)


def _failed(event: Event) -> Iterable[str]:
    kind = event.get("kerberos.request_type")
    return (f"KRB_{kind}_REQ",) if kind and event.get("kerberos.success") is False else ()


OURS: Final[dict[str, Says]] = {
    "ssh.client.proto_version": field("ssh.client.version"),
    "ssh.client.software_version": field("ssh.client.software"),
    "ssh.server.proto_version": field("ssh.server.version"),
    "ssh.server.software_version": field("ssh.server.software"),
    "ssh.client.hassh.hash": field("ssh.client.hassh"), "ssh.server.hassh.hash": field("ssh.server.hassh"),
    "smb.command": _command, "smb.status": _status, "smb.status_code": _status_code,
    "smb.dialect": field("agreed"), "smb.client_dialects[0]": item("smb.client_dialects", "0"),
    "smb.server_guid": _server_guid, "smb.session_id": _number("smb.session_id"),
    "smb.tree_id": field("smb.tree_id"), "smb.ntlmssp.user": field("user.name"),
    "smb.ntlmssp.domain": field("user.domain"), "smb.ntlmssp.host": field("ntlm.hostname"),
    "smb.share": _share(pipe=False), "smb.named_pipe": _share(pipe=True), "smb.filename": field("file.path"),
    "smb.disposition": field("smb.disposition"),
    "smb.access": lambda event: (
        "delete on close" if event.get("smb.delete_on_close") or event.get("smb.delete") else "normal",
    ),
    "smb.created": _seconds("file.created"), "smb.accessed": _seconds("file.accessed"),
    "smb.modified": _seconds("file.mtime"), "smb.changed": _seconds("file.ctime"), "smb.size": _size,
    "smb.fuid": _file,
    "smb.request.native_os": field("smb.client.native_os"), "smb.request.native_lm": field("smb.client.native_lm"),
    "smb.response.native_os": field("smb.server.native_os"), "smb.response.native_lm": field("smb.server.native_lm"),
    "krb5.msg_type": _message, "krb5.failed_request": _failed, "krb5.ticket_encryption": field("kerberos.cipher"),
    "krb5.ticket_weak_encryption": field("kerberos.weak_encryption"),
}

"""Joined records of Linux audit as one event in ECS; what ECS does not name stays below `auditd`."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sensors.parsers.audit_records import UNSET_ID, Record, address_of
from sensors.parsers.values import INT64_MAX, UNFIT, convert

CONSTANTS: Mapping[str, Any] = {"event.module": "auditd", "event.kind": "event"}

# Where single fields go, by the name that any record gives them; of several records the first that says it counts.
_NAMES: Mapping[str, str] = {
    "pid": "process.pid", "ppid": "process.parent.pid", "comm": "process.name", "exe": "process.executable",
    "cwd": "process.working_directory", "uid": "user.id", "auid": "user.audit.id", "euid": "user.effective.id",
    "gid": "user.group.id", "UID": "user.name", "AUID": "user.audit.name", "EUID": "user.effective.name",
    "GID": "user.group.name", "acct": "user.target.name", "cmd": "process.command_line", "tty": "process.tty.name",
    "terminal": "process.tty.name", "addr": "source.ip", "hostname": "source.address", "laddr": "destination.ip",
    "lport": "destination.port", "rport": "source.port", "unit": "service.name",
}  # fmt: skip
_NUMBERS = frozenset({"process.pid", "process.parent.pid", "destination.port", "source.port", "process.exit_code"})
_ADDRESSES = frozenset({"source.ip", "destination.ip"})
_OUTCOMES = {
    "yes": "success", "1": "success", "success": "success", "no": "failure", "0": "failure", "failed": "failure",
}  # fmt: skip

# By the beginning of the type that begins the event: category and type (ECS 9.2). Longer beginnings first.
_KINDS: Sequence[tuple[str, list[str], list[str]]] = (
    ("USER_LOGIN", ["authentication"], ["start"]),
    ("USER_LOGOUT", ["authentication"], ["end"]),
    ("USER_AUTH", ["authentication"], ["info"]),
    ("USER_ERR", ["authentication"], ["info"]),
    ("USER_START", ["session"], ["start"]),
    ("USER_END", ["session"], ["end"]),
    ("USER_CMD", ["process"], ["start"]),
    ("USER_ACCT", ["authentication"], ["info"]),
    ("USER_CHAUTHTOK", ["iam"], ["user", "change"]),
    ("USER_MGMT", ["iam"], ["user", "change"]),
    ("CRED_", ["authentication"], ["info"]),
    ("LOGIN", ["authentication"], ["start"]),
    ("ADD_USER", ["iam"], ["user", "creation"]),
    ("DEL_USER", ["iam"], ["user", "deletion"]),
    ("ADD_GROUP", ["iam"], ["group", "creation"]),
    ("DEL_GROUP", ["iam"], ["group", "deletion"]),
    ("SERVICE_START", ["process"], ["start"]),
    ("SERVICE_STOP", ["process"], ["end"]),
    ("CONFIG_CHANGE", ["configuration"], ["change"]),
    ("DAEMON_", ["configuration"], ["info"]),
    ("ANOM_", ["process"], ["info"]),
    ("AVC", ["process"], ["denied"]),
)
_X86_64 = "c000003e"
# Linux, arch/x86/entry/syscalls/syscall_64.tbl: which end of a connection the address of a call is.
_FAR = {"42": "destination", "44": "destination", "43": "source", "288": "source", "45": "source"}
_EXECUTED = frozenset({"59", "322"})


def event_of(records: Sequence[Record]) -> dict[str, Any]:
    """One event from its records: fields by name, category and type among them."""
    first = records[0]
    event: dict[str, Any] = {
        "event.action": first.type.lower(),
        "auditd.types": [record.type for record in records],
        "auditd.sequence": str(first.serial),
    }
    if first.node is not None:
        event["host.name"] = first.node.lower()
    rest: dict[str, str] = {}
    arguments: dict[str, str] = {}
    paths: list[dict[str, str]] = []
    for record in records:
        match record.type:
            case "PATH":
                paths.append(dict(record.fields))
            case "EXECVE":
                arguments = dict(record.fields)
            case "SOCKADDR":
                event.update(_sockaddr(record.fields.get("saddr", ""), rest))
            case "PROCTITLE":
                rest.setdefault("proctitle", record.fields.get("proctitle", ""))
            case _:
                for name, value in record.fields.items():
                    rest.setdefault(name, value)
    _name(event, rest)
    _commands(event, arguments, rest)
    _files(event, paths)
    event["event.category"], event["event.type"] = _kind(first.type, rest)
    for name, value in rest.items():
        if value:
            event.setdefault(f"auditd.{name}", value)
    return event


def _name(event: dict[str, Any], rest: dict[str, str]) -> None:
    """Move fields that ECS names, where their values are of its types."""
    outcome = _OUTCOMES.get(rest.get("success", rest.get("res", rest.get("result", ""))))
    if outcome is not None:
        event["event.outcome"] = outcome
    if rest.get("auid") == UNSET_ID:
        del rest["auid"]
    exit_code = rest.get("exit", "")
    if exit_code.removeprefix("-").isdecimal() and abs(int(exit_code)) < INT64_MAX:
        event["process.exit_code"] = int(rest.pop("exit"))
    for name, field in _NAMES.items():
        value = rest.get(name)
        if value is None or field in event:
            continue
        kind = "long" if field in _NUMBERS else "ip" if field in _ADDRESSES else "keyword"
        said = convert((value,), kind)[0][0]  # type: ignore[arg-type]  # one of the three
        if said is not UNFIT:
            event[field] = said
            del rest[name]


def _commands(event: dict[str, Any], arguments: Mapping[str, str], rest: dict[str, str]) -> None:
    count = arguments.get("argc", "")
    numbers = range(min(int(count), 4_096) if count.isdecimal() and len(count) < 6 else 0)
    said = [argument for number in numbers if (argument := _argument(arguments, number)) is not None]
    if said:
        event["process.args"] = said
        event["process.command_line"] = " ".join(said)
    elif rest.get("proctitle") and "process.command_line" not in event:
        event["process.command_line"] = rest["proctitle"]
    rest.pop("proctitle", None)


def _argument(arguments: Mapping[str, str], number: int) -> str | None:
    """An argument; a long one is given in pieces, `a1[0]`, `a1[1]` and so on."""
    whole = arguments.get(f"a{number}")
    if whole is not None:
        return whole
    pieces = list(_pieces(arguments, number))
    return "".join(pieces) if pieces else None


def _pieces(arguments: Mapping[str, str], number: int) -> Iterator[str]:
    for piece in range(4_096):
        text = arguments.get(f"a{number}[{piece}]")
        if text is None:
            return
        yield text


def _files(event: dict[str, Any], paths: Sequence[dict[str, str]]) -> None:
    if not paths:
        return
    event["auditd.paths"] = list(paths)
    # The parent of a file stands before it; the file itself is what the call was about.
    about = [path for path in paths if path.get("nametype", path.get("objtype")) != "PARENT" and "name" in path]
    if about:
        event["file.path"] = about[0]["name"]


def _sockaddr(saddr: str, rest: dict[str, str]) -> dict[str, Any]:
    said = address_of(saddr)
    end = _FAR.get(rest.get("syscall", "")) if rest.get("arch") == _X86_64 else None
    if end is not None and "ip" in said:
        return {f"{end}.ip": said["ip"], f"{end}.port": said["port"], "auditd.sockaddr.family": said["family"]}
    return {f"auditd.sockaddr.{name}": str(value) for name, value in said.items()}


def _kind(first: str, rest: Mapping[str, str]) -> tuple[list[str], list[str]]:
    if first == "SYSCALL":
        executed = rest.get("syscall") in _EXECUTED or rest.get("SYSCALL") in {"execve", "execveat"}
        return ["process"], ["start"] if executed else ["info"]
    return next(((category, kind) for name, category, kind in _KINDS if first.startswith(name)), (["host"], ["info"]))

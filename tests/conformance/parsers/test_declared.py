"""Declared formats against what others say of the same lines: beats' expected documents, go-libaudit's cases.

The fields compared are those that both have, frozen before they were measured; where the two name one thing
differently, `theirs` says so. Differences are counted by field, and those that are meant stand in `MEANT` with why.
"""

import json
import re
from collections import Counter
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from sensors.event.times import from_iso
from sensors.parsers.audit_events import event_of
from sensors.parsers.audit_records import record_of
from sensors.reading.detection import reader_for
from sensors.reading.files import identify
from sensors.reading.model import Position
from tests.conformance.places import LOGS

pytestmark = pytest.mark.conformance

BEATS = LOGS / "beats-2021" / "filebeat" / "module"
LIBAUDIT = LOGS / "go-libaudit"
RECEIVED = from_iso("2026-05-13T12:00:00Z")

# By format: the folder of cases, the reader, and our field for each of theirs.
FROZEN: dict[str, tuple[str, str, dict[str, str]]] = {
    "linux.sshd and linux.sudo": (
        "system/auth", "syslog.rfc3164",
        {name: name for name in ("process.name", "process.pid", "source.ip", "source.port", "event.outcome")}
        | {"user.name": "user.name", "user.effective.name": "user.effective.name", "host.hostname": "host.name"},
    ),
    "haproxy.log": (
        "haproxy/log", "syslog.rfc3164",
        {name: name for name in ("source.ip", "source.port", "http.request.method", "http.response.status_code",
                                 "http.response.bytes", "http.version", "url.original", "process.name", "process.pid")},
    ),
    "iis.access": (
        "iis/access", "iis.access",
        {name: name for name in ("@timestamp", "source.ip", "destination.ip", "destination.port", "http.request.method",
                                 "http.response.status_code", "http.request.referrer", "url.path", "url.query",
                                 "user_agent.original", "user.name", "event.duration")}
        | {"http.request.body.bytes": "http.request.bytes"},
    ),
    "postgresql.csv": (
        "postgresql/log", "postgresql.csv",
        {"@timestamp": "@timestamp", "process.pid": "process.pid", "user.name": "user.name", "log.level": "log.level",
         "postgresql.log.database": "postgresql.database", "postgresql.log.session_id": "postgresql.session"},
    ),
    # Of plain logs those with PostgreSQL's own prefix or Debian's: the process id alone in brackets.
    "postgresql.text": (
        "postgresql/log", "postgresql.text",
        {"@timestamp": "@timestamp", "process.pid": "process.pid", "user.name": "user.name", "log.level": "log.level",
         "postgresql.log.database": "postgresql.database"},
    ),
}  # fmt: skip
LEAST = 0.90
LINES = {"iis.access": 7}
"""How many lines of a format there are at least; ten where nothing is said."""


def events(path: Path, reader: str) -> dict[int, dict[str, Any]]:
    """Our events of a file by the offset of their line."""
    content = path.read_bytes()
    starts = [0, *(place + 1 for place, byte in enumerate(content) if byte == 10)]
    portions = reader_for(reader).portions(path, identify(path).source, Position(), RECEIVED)
    rows = [row for portion in portions for batch in portion.batches for row in batch.rows()]
    return {starts[row["event.sequence"] - 1]: row for row in rows}


def same(ours: Any, theirs: Any, name: str) -> bool:
    if name == "@timestamp":
        return ours is not None and from_iso(str(ours)) // 1_000_000 == from_iso(str(theirs)) // 1_000_000
    if name.endswith(".ip") and ":" in str(theirs):
        # The same address, written in full there.
        return ours is not None and ip_address(ours) == ip_address(str(theirs).partition("%")[0])
    return str(ours).casefold() == str(theirs).casefold()


def _form(path: Path) -> str | None:
    """Which of PostgreSQL's logs this is."""
    if path.name.endswith(".csv.log"):
        return "postgresql.csv"
    first = path.read_bytes().partition(b"\n")[0]
    return "postgresql.text" if re.match(rb"\S+ \S+ \S+ \[\d+\] ", first) else None


@pytest.mark.parametrize("name", FROZEN)
def test_fields_agree_with_beats(name: str) -> None:
    folder, reader, names = FROZEN[name]
    agreed, different, examples = 0, Counter[str](), dict[str, str]()
    lines = 0
    for path in sorted((BEATS / folder / "test").glob("*.log")):
        if name.startswith("postgresql") and _form(path) != name:
            continue
        ours = events(path, reader)
        for document in json.loads(path.with_name(path.name + "-expected.json").read_text()):
            row = ours.get(document["log.offset"])
            if name == "iis.access" and b"#Fields:" not in path.read_bytes()[: document["log.offset"]]:
                # They guess the fields of lines without the header that says them.
                continue
            if "](http" in str(document.get("event.original")):
                # Addresses that whoever pasted the sample turned into links: IIS writes none.
                continue
            if row is None:
                different["no event"] += 1
                examples.setdefault("no event", f"{path.name}@{document['log.offset']}")
                continue
            lines += 1
            for theirs, mine in names.items():
                expected = document.get(theirs)
                if expected in (None, "-", ""):
                    continue
                if same(row.get(mine), expected, theirs):
                    agreed += 1
                else:
                    different[theirs] += 1
                    line = str(row["event.original"])[:120]
                    examples.setdefault(theirs, f"{row.get(mine)!r} is {expected!r} there: {line}")
    total = agreed + sum(different.values())
    report = f"{name}: {agreed} of {total} values agree in {lines} lines; {dict(different)}; {examples}"
    print(report)  # noqa: T201 - for whoever runs this with -s
    assert lines >= LINES.get(name, 10), report
    assert agreed >= LEAST * total, report


AUDIT = {
    "process.pid": "process.pid", "process.ppid": "process.parent.pid", "process.name": "process.name",
    "process.executable": "process.executable", "process.exit_code": "process.exit_code", "user.id": "user.id",
    "user.audit.id": "user.audit.id", "user.effective.id": "user.effective.id", "user.group.id": "user.group.id",
    "auditd.log.syscall": "auditd.syscall", "auditd.log.ses": "auditd.ses", "auditd.log.op": "auditd.op",
    "event.action": "event.action", "source.address": "source.ip", "auditd.log.sequence": "auditd.sequence",
    "auditd.log.success": "auditd.success", "auditd.log.items": "auditd.items", "auditd.log.a0": "auditd.a0",
}  # fmt: skip


def test_audit_records_agree_with_beats() -> None:
    """beats reads line by line: each record is compared by itself."""
    agreed, different, examples = 0, Counter[str](), dict[str, str]()
    for path in sorted((BEATS / "auditd" / "log" / "test").glob("*.log")):
        content = path.read_bytes()
        for document in json.loads(path.with_name(path.name + "-expected.json").read_text()):
            line = content[document["log.offset"] :].partition(b"\n")[0].decode("utf-8", "replace")
            record = record_of(line)
            if record is None:
                different["no record"] += 1
                examples.setdefault("no record", line[:100])
                continue
            event = event_of([record])
            for theirs, mine in AUDIT.items():
                expected = document.get(theirs)
                # They keep the number for "nobody has logged in" and the words for nothing; we leave them out.
                # A list of actions is their later reading of joined events.
                if expected in (None, "4294967295", "(none)", "(null)", "?") or isinstance(expected, list):
                    continue
                if same(event.get(mine), expected, theirs):
                    agreed += 1
                else:
                    different[theirs] += 1
                    examples.setdefault(theirs, f"{event.get(mine)!r} is {expected!r} there: {line[:160]}")
    total = agreed + sum(different.values())
    report = f"auditd: {agreed} of {total} values agree; {dict(different)}; {examples}"
    print(report)  # noqa: T201
    assert total > 100
    assert agreed >= LEAST * total, report


def test_every_record_of_go_libaudit_is_read_with_its_type_time_and_serial() -> None:
    agreed = total = 0
    for path in sorted((LIBAUDIT / "auparse" / "testdata").glob("*.log")):
        lines = [line for line in path.read_text().splitlines() if line.strip()]
        for line, document in zip(lines, json.loads(Path(f"{path}.golden").read_text()), strict=False):
            if document is None:
                continue  # go-libaudit cannot read it either
            record = record_of(line)
            total += 1
            moment = from_iso(document["@timestamp"]) // 1_000_000
            expected = (document["record_type"], str(document["sequence"]), moment)
            if record is not None:
                agreed += (record.type.lower(), str(record.serial), record.moment // 1_000_000) == expected
    print(f"go-libaudit: {agreed} of {total} records")  # noqa: T201
    assert total >= 80
    assert agreed >= 0.97 * total


def test_the_files_of_go_libaudit_balance_and_join() -> None:
    for path in sorted((LIBAUDIT / "testdata").glob("*.log")):
        lines = [line for line in path.read_text().splitlines() if record_of(line)]
        found = events(path, "linux.auditd")
        types = sum(len(row["auditd.types"]) for row in found.values())
        serials = [row["auditd.sequence"] for row in found.values()]
        assert len(serials) == len(set(serials)), path.name
        # The last event of a file may still wait for its end.
        assert types >= len(lines) - 6, (path.name, types, len(lines))

"""The log of Linux audit, its records joined by their event's id: many lines, one event.

An event ends with EOE or PROCTITLE; logs of old kernels have neither, there it ends where the next one begins. What
has not ended yet when a portion ends is the session's state, bounded in events and lines. No line gives more than one
event, and lines that are only a part of one are counted as skipped, so that lines in and events out always balance.
audit-userspace, auditd(8); Linux, kernel/audit.c.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from sensors.event.times import SECOND
from sensors.parser import Lines, Parsed
from sensors.parsers.assembly import Assembly, reject
from sensors.parsers.audit_events import CONSTANTS, event_of
from sensors.parsers.audit_records import Record, record_of
from sensors.parsers.encoding import decode_lines
from sensors.parsers.layouts import grouped
from sensors.parsers.locality import locality

MAX_PENDING = 64
UNSURE = 8
"""So many events without an end say that this input has no ends."""
MAX_RECORDS = 256
"""Records to an event; what comes beyond that is an event of its own."""
MAX_STATE = 256 << 10
"""Characters that the state holds at most; the oldest events give way."""
OVERDUE = 2 * SECOND
"""An event whose end has not come by then will have none (as in ausearch)."""

_ENDS = frozenset({"EOE", "PROCTITLE"})
# Types of include/uapi/linux/audit.h that the kernel writes as parts of an event; all others stand alone.
_PARTS = frozenset(
    """SYSCALL PATH IPC SOCKETCALL CONFIG_CHANGE SOCKADDR CWD EXECVE IPC_SET_PERM MQ_OPEN MQ_SENDRECV MQ_NOTIFY
    MQ_GETSETATTR KERNEL_OTHER FD_PAIR OBJ_PID TTY EOE BPRM_FCAPS CAPSET MMAP NETFILTER_PKT NETFILTER_CFG SECCOMP
    PROCTITLE FEATURE_CHANGE REPLACE KERN_MODULE FANOTIFY TIME_INJOFFSET TIME_ADJNTPVAL BPF EVENT_LISTENER URINGOP
    OPENAT2 AVC SELINUX_ERR AVC_PATH LOGIN MAC_POLICY_LOAD MAC_STATUS MAC_CONFIG_CHANGE ANOM_PROMISCUOUS ANOM_ABEND
    ANOM_LINK INTEGRITY_RULE INTEGRITY_POLICY_RULE""".split()  # noqa: SIM905 - a list of words reads better so
)


class Auditd:
    """Linux audit."""

    name = "linux.auditd"

    def recognises(self, head: Sequence[bytes]) -> bool:
        """Whether most of these lines are records."""
        texts, _ = decode_lines(head)
        return sum(record_of(text) is not None for text in texts) * 2 > len(texts)

    def parse(self, lines: Lines, state: Any) -> Parsed:
        """Every event is one of the dataset `linux.auditd`, at the line that ended it."""
        texts, encodings = decode_lines(lines.texts, lines.said(locality(lines.placed).encoding))
        joining = _Joining(state)
        events: list[tuple[int, list[str], list[Record]]] = []
        rejects = []
        for row, text in enumerate(texts):
            record = record_of(text)
            if record is not None:
                ended = joining.take(row, text, record)
                if ended is not None:
                    events.append((row, *ended))
            elif text.strip():
                rejects.append(reject(lines, row, "auditd-no-record"))
        events += joining.rest({row for row, _, _ in events})
        assembly = Assembly.of(lines, encodings)
        _add(assembly, events)
        skipped = len(texts) - len(events) - len(rejects)
        return Parsed(tuple(assembly.batches), tuple(rejects), skipped, joining.state())


class _Joining:
    """Events that have not ended: their lines and records, and the last row of this portion among them."""

    def __init__(self, state: Any) -> None:
        held = state if isinstance(state, dict) else {}
        self._ends: bool | None = held.get("ends")
        """Whether events of this input have an end of their own; None as long as nobody knows."""
        self._pending: dict[str, tuple[list[str], list[Record], int]] = {}
        for texts in held.get("pending", ()):
            records = [record for text in texts if (record := record_of(str(text))) is not None]
            if records:
                self._pending[records[0].key] = (list(texts), records, -1)

    def take(self, row: int, text: str, record: Record) -> tuple[list[str], list[Record]] | None:
        """Add a record; returns an event that has ended, its lines and records."""
        key = record.key
        if record.type not in _PARTS and key not in self._pending:
            return [text], [record]
        texts, records, _ = self._pending.pop(key, ([], [], row))
        if record.type != "EOE" or texts:
            texts.append(text)
            records.append(record)
            self._pending[key] = (texts, records, row)
        if record.type in _ENDS:
            self._ends = True
            return self._end(key)
        if len(texts) >= MAX_RECORDS:
            return self._end(key)
        oldest = next(iter(self._pending))
        late = record.moment - self._pending[oldest][1][0].moment > OVERDUE
        many = len(self._pending) > (MAX_PENDING if self._ends else UNSURE)
        if oldest != key and (self._ends is False or late or many):
            self._ends = bool(self._ends)
            return self._end(oldest)
        return None

    def _end(self, key: str) -> tuple[list[str], list[Record]] | None:
        texts, records, _ = self._pending.pop(key, ([], [], -1))
        return (texts, records) if records else None

    def rest(self, taken: set[int]) -> Iterator[tuple[int, list[str], list[Record]]]:
        """What need not wait for the next portion: all of it, where events have no end of their own."""
        size = 0
        # Several events that all wait for an end: this input has none.
        endless = self._ends is False or (self._ends is None and len(self._pending) > 1)
        for key, (texts, records, row) in reversed(list(self._pending.items())):
            size += sum(map(len, texts))
            if row >= 0 and row not in taken and (endless or size > MAX_STATE):
                del self._pending[key]
                yield row, texts, records

    def state(self) -> Any:
        """What the next portion has to know, as JSON."""
        if self._ends is None and not self._pending:
            return None
        return {"ends": self._ends, "pending": [texts for texts, _, _ in self._pending.values()]}


def _add(assembly: Assembly, events: Sequence[tuple[int, list[str], list[Record]]]) -> None:
    """Put the events together, those with the same fields in one batch."""
    made = [event_of(records) for _, _, records in events]
    for key, chosen in grouped([(tuple(event), str(event["event.category"])) for event in made]).items():
        columns: dict[str, Sequence[Any]] = {name: [made[index][name] for index in chosen] for name in key[0]}
        constants = dict(CONSTANTS)
        for name in ("event.category", "event.type"):
            values = columns.pop(name)
            if all(value == values[0] for value in values):
                constants[name] = values[0]
            else:
                columns[name] = values
        columns["event.original"] = ["\n".join(events[index][1]) for index in chosen]
        assembly.add(
            "linux.auditd",
            constants=constants,
            rows=[events[index][0] for index in chosen],
            moments=[events[index][2][0].moment for index in chosen],
            columns=columns,
        )

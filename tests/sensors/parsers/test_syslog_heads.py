"""Headers that compiled code finds: what the expression says of the same lines, whatever the lines are."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensors.event.block import Block
from sensors.event.model import Source
from sensors.parser import Lines
from sensors.parsers import compiling
from sensors.parsers.registry import line_parsers
from sensors.parsers.syslog_heads import heads_of
from sensors.parsers.syslog_rfc3164 import SyslogRfc3164

SOURCE = Source("00" * 16, "text", "made")
RECEIVED = 1_778_673_600_000_000_000
PARSER = next(parser for parser in line_parsers() if isinstance(parser, SyslogRfc3164))
PARTS = (
    ("<34>", "<191>", "<0>", "<007>", "<192>", "<1234>", "<>", "<x>", "", "<34> "),
    ("Oct 11 22:14:15", "Oct  1 22:14:15", "Feb 30 01:02:03", "oct 11 22:14:15", "Oct 1 22:14:15", "Oct 111 22:14:15",
     "Oct 11 22:14:15.5", "Oct 11 22:14:15 2025", "Oct 11 22:14:15 +08:00", "Oct 11 22:14:15Z", "2026-05-13T07:04:08Z",
     "*Oct 11 22:14:15", "May 13 2026 07:04:08", "Oct 11 22:14:6\u0661", "Oct-11 22:14:15"),
    (" ", "  ", ": ", "\t", ""),
    ("srv1", "10.0.0.1", "SRV-A", "::1", "2025", "1999", "20", "Z", "Z1", "-", "+1", "[h]", "%%10", "h:", "h\u00e9", "",
     "x" * 256, "x" * 257, "a\x7fb"),
    (" ", "  ", "\t", ""),
    ("sshd", "cron", "%%10SHELL/4/LOGIN(l)", "a.b-c/d", "CROND", "t" * 128, "t" * 129, "", "\u540d", "two words"),
    ("[123]", "[0]", "[]", "[007]", "[ab]", "[" + "9" * 18 + "]", "[" + "9" * 19 + "]", "[1", "", "(1)"),
    (": ", ":", ":: ", ":  ", " ", "", ":\t"),
    ("Failed password for invalid user a from 10.0.0.1 port 5 ssh2", "x", "", " x", "\u6d88\u606f", "a: b",
     "(root) CMD"),
)  # fmt: skip
USUAL = ("<34>", "Oct 11 22:14:15", " ", "srv1", " ", "sshd", "[123]", ": ", "x")


@st.composite
def lines_of_parts(draw: st.DrawFn) -> bytes:
    """A usual line with some of its parts exchanged, seldom with an octet that does not belong there."""
    odd = draw(st.sets(st.integers(0, len(PARTS) - 1), max_size=3))
    line = "".join(draw(st.sampled_from(PARTS[at])) if at in odd else USUAL[at] for at in range(len(PARTS))).encode()
    if draw(st.integers(0, 9)) == 0:
        at = draw(st.integers(0, len(line)))
        line = line[:at] + draw(st.sampled_from([b"\xff", b"\0", b" ", b":", b"[", b"\xe2\x80\x83"])) + line[at + 1 :]
    return line


def parsed(lines: list[bytes]) -> tuple[Any, ...]:
    found = PARSER.parse(Lines(SOURCE, RECEIVED, lines, range(len(lines)), 1), None)
    events = {event["event.sequence"]: event for batch in found.batches for event in batch.rows()}
    return events, sorted(map(repr, found.rejects)), found.skipped


@given(st.lists(lines_of_parts(), min_size=1, max_size=12))
@settings(max_examples=500 if not os.environ.get("PROVE") else 20_000)
def test_lines_are_what_the_expression_says(lines: list[bytes]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiling, "WORTHWHILE", 1 << 60)
        plain = parsed(lines)
        patch.setattr(compiling, "WORTHWHILE", 0)
        patch.setattr(compiling, "FEWEST", 0)
        assert parsed(lines) == plain


def test_usual_lines_are_all_found() -> None:
    """Else everything would be right and nothing fast."""
    made = [
        b"<34>Oct 11 22:14:15 srv1 sshd[5]: a", b"<34>Oct 11 22:14:16 srv2 cron: b", b"Oct  1 22:14:15 srv1 sshd[]: c",
        b"<13>Oct  1 22:14:15 srv1 su: ", b"<192>Oct  1 22:14:15 srv1 su: ", b"2026-05-13T07:04:08Z srv1 su: ",
    ]  # fmt: skip
    found = heads_of(Block.of(made))
    assert (found.rows, found.left) == ([0, 1, 3], [2, 4, 5])
    assert found.hosts.column() == ["srv1", "srv2", "srv1"]
    assert found.tags.column() == ["sshd", "cron", "su"]
    assert found.times.column() == ["Oct 11 22:14:15", "Oct 11 22:14:16", "Oct  1 22:14:15"]
    assert found.priorities.column() == ["34", "34", "13"]
    assert found.numbers == [5, None, None]
    assert [line[begin:] for line, begin in zip((made[0], made[1], made[3]), found.messages, strict=True)] == [
        b"a", b"b", b"",
    ]  # fmt: skip


CHECKED = """
import random
from sensors.event.block import Block
from sensors.parsers.syslog_heads import heads_of
from tests.sensors.parsers.test_syslog_heads import PARTS, USUAL
chance = random.Random(7)
for turn in range(400):
    lines = []
    for _ in range(chance.randrange(1, 60)):
        parts = [chance.choice(some) if chance.random() < 0.2 else one for one, some in zip(USUAL, PARTS)]
        line = "".join(parts).encode()
        lines.append(line[: chance.randrange(len(line) + 1)] if chance.random() < 0.3 else line)
    found = heads_of(Block.of(lines))
    assert sorted([*found.rows, *found.left]) == list(range(len(lines)))
print("checked")
"""


def test_compiled_code_stays_within_its_arrays(tmp_path: Path) -> None:
    # Code with checks must not be mixed up with what is kept without them.
    environment = os.environ | {"NUMBA_BOUNDSCHECK": "1", "PYTHONPATH": ".", "XDG_CACHE_HOME": str(tmp_path)}
    command = [sys.executable, "-c", CHECKED]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600, check=False)
    assert done.stdout == "checked\n", done.stderr

"""Arbitrary bytes, and samples with bytes changed, to every line parser: it never raises, and no line is lost."""

import sys
from pathlib import Path

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sensors.event.codec import decode, encode
from sensors.event.model import Source
from sensors.parser import LineParser, Lines
from sensors.parsers.registry import declarations, line_parsers
from sensors.parsers.unknown import DATASET

DATA = Path(__file__).parents[2] / "data" / "sensors" / "parsers"
RECEIVED = 1_778_673_600_000_000_000
PARSERS = [pytest.param(parser, id=parser.name) for parser in line_parsers()]
DECLARED = {
    one.name: [line.encode() for sample in one.samples for line in sample.lines] for one in declarations()
}
SYSLOG = [line for one in declarations() if one.inside == "syslog" for line in DECLARED[one.name]]
"""Both syslogs are given the samples of every format inside them, too."""
SAMPLES = {
    parser.name: SYSLOG
    if parser.name == DATASET
    else DECLARED.get(parser.name)
    or [
        line
        for kind in ("sample", "hostile")
        for line in (DATA / parser.name / f"{kind}.log").read_bytes().split(b"\n")
    ]
    + (SYSLOG if parser.name.startswith("syslog.") else [])
    for parser in line_parsers()
}
ODD = [b"\0", b"\xff", b'"', b"\\", b"\\x", b"{", b"[", b"]", b"}", b"<", b" ", b"\t", b":", b"-", b"\xd6\xd0",
       b"\\ud800", b"null", b"1e999", b"9" * 25, b"#fields\t", b"%%10", b"\xef\xbb\xbf"]  # fmt: skip


def mutated(lines: list[bytes]) -> st.SearchStrategy[bytes]:
    @st.composite
    def draw_line(draw: st.DrawFn) -> bytes:
        line = draw(st.sampled_from(lines))
        for _ in range(draw(st.integers(0, 4))):
            place = draw(st.integers(0, len(line)))
            cut = draw(st.integers(0, 6))
            line = line[:place] + draw(st.sampled_from(ODD) | st.binary(max_size=4)) + line[place + cut :]
        return line.replace(b"\n", b"")

    return draw_line()


def run(parser: LineParser, texts: list[bytes]) -> None:
    offsets = [sum(len(text) + 1 for text in texts[:index]) for index in range(len(texts))]
    lines = Lines(Source("00" * 16, "text", "x.log"), RECEIVED, texts, offsets, 1)
    parsed = parser.parse(lines, None)
    events = sum(map(len, parsed.batches))
    assert len(texts) == events + parsed.skipped + len(parsed.rejects)
    again = decode(encode(parsed.batches))
    assert [list(batch.rows()) for batch in again] == [list(batch.rows()) for batch in parsed.batches]
    orjson.dumps(parsed.state)
    for batch in parsed.batches:
        for row in batch.rows():
            orjson.dumps(row)


@pytest.mark.parametrize("parser", PARSERS)
@settings(max_examples=150, suppress_health_check=list(HealthCheck), derandomize=True)
@given(data=st.data())
def test_changed_samples(parser: LineParser, data: st.DataObject) -> None:
    run(parser, data.draw(st.lists(mutated(SAMPLES[parser.name]), min_size=1, max_size=12)))


@pytest.mark.parametrize("parser", PARSERS)
@settings(max_examples=100, suppress_health_check=list(HealthCheck), derandomize=True)
@given(data=st.data())
def test_arbitrary_bytes(parser: LineParser, data: st.DataObject) -> None:
    line = st.binary(max_size=60).map(lambda text: text.replace(b"\n", b""))
    run(parser, data.draw(st.lists(line, min_size=1, max_size=8)))


@pytest.mark.parametrize("parser", PARSERS)
def test_objects_nested_beyond_the_interpreters_own_limit(parser: LineParser) -> None:
    deep = sys.getrecursionlimit() - 10
    value = b"[" * 300 + b"]" * 300
    run(parser, [b'{"a":' * deep + b"1" + b"}" * deep, b"[" * deep + b"]" * deep, b'{"@timestamp":' + value + b"}"])


@pytest.mark.parametrize("parser", PARSERS)
def test_long_runs_of_one_character_take_no_longer_than_their_length(parser: LineParser) -> None:
    for character in (b" ", b"a", b'"', b"\\", b"[", b"<", b"1", b",", b"\xff", b"a ", b'a="', b'[a b="'):
        run(parser, [character * 60_000, b"<34>1 - - - - - " + character * 60_000, b"a - - " + character * 60_000])

import shutil

import pytest

from sensors.capture.errors import FilterCompilerMissing, FilterUnusable
from sensors.capture.live import filter as filters
from sensors.capture.live.filter import compile_filter, everything, packed

needs_libpcap = pytest.mark.skipif(filters.library() is None, reason="filters need libpcap")


def test_no_filter_takes_everything() -> None:
    assert compile_filter("  ", snap=96) == everything(96)
    assert packed(everything(96)) == b"\x06\x00\x00\x00\x60\x00\x00\x00"


@needs_libpcap
def test_a_filter_is_compiled_with_the_snap_length() -> None:
    program = compile_filter("udp port 53", snap=128)
    assert 128 in {one.k for one in program}
    assert len(packed(program)) == 8 * len(program)


@needs_libpcap
@pytest.mark.parametrize("text", ["tcp port (", "no such words", "udp\0", "host 1.2.3.4.5.6", "-w/tmp/x"])
def test_what_is_no_filter_is_told(text: str) -> None:
    with pytest.raises(FilterUnusable) as caught:
        compile_filter(text, snap=128)
    assert caught.value.parameters["reason"]


def test_without_a_compiler_the_remedy_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filters, "library", lambda: None)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(FilterCompilerMissing):
        compile_filter("udp", snap=128)


@pytest.mark.skipif(shutil.which("tcpdump") is None, reason="the second compiler is tcpdump, which is not installed")
def test_tcpdump_compiles_where_there_is_no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = compile_filter("udp port 53", snap=128)
    monkeypatch.setattr(filters, "library", lambda: None)
    assert compile_filter("udp port 53", snap=128) == wanted
    with pytest.raises(FilterUnusable):
        compile_filter("tcp port (", snap=128)

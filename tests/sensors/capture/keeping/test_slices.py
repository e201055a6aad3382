import io
from pathlib import Path

import pytest

from sensors.capture.errors import FilterUnusable
from sensors.capture.keeping.slices import Cut, cut
from sensors.capture.keeping.wanted import Wanted, of_event
from sensors.capture.writing import Frame, pcap, pcapng
from tests.sensors.capture import frames as made
from tests.sensors.capture.keeping.contents import contents_of

OTHER = "198.51.100.7"


def frames() -> list[Frame]:
    between = [made.udp4(1, 53, b"asked"), made.udp4(53, 1, b"told", back=True)]
    others = [made.ethernet(made.ipv4(OTHER, made.B, 17, made.udp(1, 53, b"not this"))), made.udp4(2, 53, b"nor this")]
    return made.frames(*between, *others, *between, step=made.SECOND)


def sliced(path: Path, wanted: Wanted, **more: object) -> tuple[Cut, list[Frame]]:
    target = io.BytesIO()
    done = cut([([path], wanted)], target, **more)  # type: ignore[arg-type]
    return done, contents_of(target.getvalue(), path.parent / "slice.pcapng")


@pytest.mark.parametrize("form", [pcap, pcapng])
def test_a_flow_comes_out_octet_by_octet(tmp_path: Path, form: object) -> None:
    path = tmp_path / "made.pcap"
    path.write_bytes(pcapng(frames()) if form is pcapng else pcap(frames(), nanoseconds=True))
    done, found = sliced(path, Wanted(hosts=(made.B, made.A), ports=(53, 1), protocol=17))
    assert found == [frames()[place] for place in (0, 1, 4, 5)]
    assert (done.packets, done.bound, done.problems) == (4, "", ())
    assert done.octets == sum(len(frame.octets) for frame in found)


def test_hosts_alone_and_time_alone_choose(tmp_path: Path) -> None:
    path = tmp_path / "made.pcap"
    path.write_bytes(pcap(frames(), nanoseconds=True))
    assert len(sliced(path, Wanted(hosts=(made.A, made.B)))[1]) == 5
    begin, end = made.START + made.SECOND, made.START + 3 * made.SECOND
    assert sliced(path, Wanted(begin, end))[1] == frames()[1:4]
    assert sliced(path, Wanted())[1] == frames()


def test_a_filter_chooses(tmp_path: Path) -> None:
    path = tmp_path / "made.pcap"
    path.write_bytes(pcap(frames(), nanoseconds=True))
    assert sliced(path, Wanted(), text=f"host {OTHER}")[1] == frames()[2:3]
    with pytest.raises(FilterUnusable):
        sliced(path, Wanted(), text="host host host")


def test_bounds_end_a_slice_and_are_told(tmp_path: Path) -> None:
    path = tmp_path / "made.pcap"
    path.write_bytes(pcap(frames(), nanoseconds=True))
    done, found = sliced(path, Wanted(), most_packets=2)
    assert (done.bound, found) == ("packets", frames()[:2])
    done, found = sliced(path, Wanted(), most_bytes=100)
    assert (done.bound, found) == ("bytes", frames()[:2])


def test_what_two_parts_want_is_written_once(tmp_path: Path) -> None:
    path = tmp_path / "made.pcap"
    path.write_bytes(pcap(frames(), nanoseconds=True))
    target = io.BytesIO()
    flow = Wanted(hosts=(made.A, made.B), ports=(1, 53))
    assert cut([([path], flow), ([path], Wanted(hosts=(made.A, made.B)))], target).packets == 5


def test_a_capture_that_is_gone_is_told_beside_the_others(tmp_path: Path) -> None:
    path = tmp_path / "made.pcap"
    path.write_bytes(pcap(frames(), nanoseconds=True))
    done = cut([([tmp_path / "none.pcap", path], Wanted())], io.BytesIO())
    assert (done.packets, len(done.problems)) == (6, 1)


def test_fragments_of_the_same_hosts_come_along(tmp_path: Path) -> None:
    whole = made.udp(7, 8, bytes(64))
    pieces = [
        made.ethernet(made.ipv4(made.A, made.B, 17, whole[:40], fragment=0x2000)),
        made.ethernet(made.ipv4(made.A, made.B, 17, whole[40:], fragment=5)),
        made.ethernet(made.ipv4(made.A, OTHER, 17, whole[40:], fragment=5)),
    ]
    path = tmp_path / "made.pcap"
    path.write_bytes(pcap(made.frames(*pieces), nanoseconds=True))
    _, found = sliced(path, Wanted(hosts=(made.A, made.B), ports=(7, 8), protocol=17))
    assert [frame.octets for frame in found] == pieces[:2]


def test_an_event_says_what_is_wanted(tmp_path: Path) -> None:
    flow = made.flows_of(tmp_path, *[frame.octets for frame in frames()])[0]
    wanted = of_event(flow)
    assert wanted is not None
    path = tmp_path / "again.pcap"
    path.write_bytes(pcap(made.frames(*[frame.octets for frame in frames()]), nanoseconds=True))
    assert len(sliced(path, wanted)[1]) == flow["network.packets"]
    assert of_event({"@timestamp": "2026-01-01T00:00:00Z"}) is None

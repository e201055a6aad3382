import time
from collections.abc import Iterator
from contextlib import suppress

import numpy as np
import pytest

from sensors.capture import index as ix
from sensors.capture.errors import InterfaceUnusable
from sensors.capture.live import block
from sensors.capture.live.absence import Presence
from sensors.capture.live.filter import compile_filter, everything
from sensors.capture.live.ring import BLOCK_BYTES, LEAST_BLOCKS, Ring
from tests.namespaces import ip, own_network, send, veth
from tests.sensors.capture import frames as made

_OPEN: list[Ring] = []


@pytest.fixture(autouse=True)
def network() -> Iterator[None]:
    with own_network():
        veth()
        yield
        while _OPEN:
            _OPEN.pop().close()


def taken(ring: Ring, wanted: int, seconds: float = 30) -> list[bytes]:
    index, seen = np.zeros((BLOCK_BYTES // 96, ix.COLUMNS), np.int64), np.zeros(block.K_COLUMNS, np.int64)
    found: list[bytes] = []
    until = time.monotonic() + seconds
    while len(found) < wanted and time.monotonic() < until:
        base = ring.ready()
        if base < 0:
            ring.wait(0.1)
            continue
        count = block.scan(ring.data, base, BLOCK_BYTES, ring.link, index, seen)
        found += [ring.data[row[ix.AT] : row[ix.AT] + row[ix.CAPTURED]].tobytes() for row in index[:count].tolist()]
        ring.release(1)
    return found


def opened(text: str = "", snap: int = 262_144) -> Ring:
    _OPEN.append(Ring("near", compile_filter(text, snap=snap, interface="near"), ring_bytes=4 << 20))
    return _OPEN[-1]


def test_tags_that_the_kernel_took_off_are_back() -> None:
    inside = made.ipv4(made.A, made.B, 17, made.udp(1, 2, b"x" * 30))
    packets = [made.ethernet(inside), made.ethernet(inside, vlans=(5,)), made.ethernet(inside, vlans=(5, 6))]
    ring = opened()
    send("far", packets)
    assert taken(ring, 3) == packets


@pytest.mark.parametrize(("text", "places"), [("vlan 5", [1, 2]), ("udp and not vlan", [0]), ("tcp", [3])])
def test_the_kernel_filters_with_tags_in_mind(text: str, places: list[int]) -> None:
    inside = made.ipv4(made.A, made.B, 17, made.udp(1, 2, b"x" * 30))
    packets = [made.ethernet(inside), made.ethernet(inside, vlans=(5,)), made.ethernet(inside, vlans=(5, 6))]
    packets.append(made.tcp4(1, 2, made.SYN, 0, b"y" * 20))
    ring = opened(text)
    send("far", packets)
    assert taken(ring, len(places)) == [packets[place] for place in places]
    told = ring.statistics()
    assert told is not None
    assert (told.packets, told.drops) == (len(places), 0)


def test_packets_are_cut_to_the_snap_length() -> None:
    packet = made.udp4(1, 2, b"z" * 500)
    ring = opened(snap=96)
    send("far", [packet])
    assert taken(ring, 1) == [packet[:96]]


def test_what_a_full_ring_drops_is_counted_however_often_one_asks() -> None:
    ring = opened()
    sent = send("far", [made.udp4(1, 2, bytes(1_400))] * 6_000)
    first = ring.statistics()
    found = taken(ring, sent, seconds=3)
    again = ring.statistics()
    assert first is not None
    assert again is not None
    assert first.drops > 0
    assert first.freezes > 0
    assert again.drops == first.drops
    assert (again.packets, len(found)) == (sent, sent - again.drops)
    assert len(found) * 1_442 < LEAST_BLOCKS * BLOCK_BYTES


def test_nothing_comes_in_once_it_is_shut() -> None:
    ring = opened()
    send("far", [made.udp4(1, 2)])
    ring.shut()
    send("far", [made.udp4(3, 4)])
    assert len(taken(ring, 1)) == 1
    assert ring.ready() < 0


def arrived(ring: Ring) -> bytes:
    """The first packet of those that are sent until one comes in."""
    for _ in range(20):
        # The kernel takes a moment to see the carrier; what is sent before goes nowhere.
        with suppress(OSError):
            send("far", [made.udp4(1, 2)])
        if found := taken(ring, 1, seconds=1):
            return found[0]
    raise AssertionError("nothing came in")


def test_an_interface_that_is_down_comes_back_by_itself() -> None:
    ring = opened()
    assert ring.presence() is Presence.HERE
    ip("link", "set", "near", "down")
    ring.wait(0.2)
    assert ring.presence() is Presence.DOWN
    ip("link", "set", "near", "up")
    assert arrived(ring) == made.udp4(1, 2)
    assert ring.presence() is Presence.HERE


@pytest.mark.parametrize("down_first", [False, True])
def test_another_interface_of_the_same_name_is_taken_up_with_the_same_filter(down_first: bool) -> None:
    ring = opened("udp")
    if down_first:
        # The socket's error is read while the interface is still there; its end raises none.
        ip("link", "set", "near", "down")
        ring.wait(0.2)
    ip("link", "del", "near")
    ring.wait(0.2)
    assert ring.presence() is Presence.GONE
    with pytest.raises(InterfaceUnusable):
        ring.take_up()
    veth()
    assert ring.presence() is Presence.GONE
    ring.take_up()
    assert ring.presence() is Presence.HERE
    send("far", [made.tcp4(1, 2, made.SYN)])
    assert arrived(ring) == made.udp4(1, 2)


def test_an_interface_of_another_kind_is_not_taken_up() -> None:
    ring = opened()
    ip("link", "del", "near")
    try:
        ip("tuntap", "add", "dev", "near", "mode", "tun")
    except AssertionError as error:
        pytest.skip(f"this kernel makes no interface of another kind: {error}")
    with pytest.raises(InterfaceUnusable, match="hardware type"):
        ring.take_up()
    assert ring.presence() is Presence.GONE


def test_what_is_no_interface_is_refused() -> None:
    with pytest.raises(InterfaceUnusable):
        Ring("none0", everything(100), ring_bytes=4 << 20)

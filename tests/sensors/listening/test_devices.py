"""What devices did is counted by batch, some seconds at a time, once and only once."""

from collections.abc import Sequence

import numpy as np
import pytest

from sensors.delivery.devices import REST, Heard
from sensors.event.model import Batch, Source
from sensors.event.times import SECOND
from sensors.listening import devices as counting
from sensors.listening.devices import NOTE_SECONDS, Devices
from sensors.settings import ListenerSettings
from tests.sensors.listening.conftest import Listen
from tests.sensors.listening.test_service import BSD, _send_tcp, _send_udp

NOW = 1_778_673_600_000_000_000


def batch(addresses: Sequence[str], hosts: Sequence[str] = (), dataset: str = "system.syslog", **more: object) -> Batch:
    count = len(addresses)
    columns = {"log.source.address": list(addresses)} | ({"log.syslog.hostname": list(hosts)} if hosts else {})
    times = np.array([NOW - (count - row) * SECOND for row in range(count)], np.int64)
    source = Source("00" * 16, "text", "x")
    return Batch(dataset, source, NOW, times, ["0" * 32] * count, np.arange(count), dict(more), columns)


def noted(devices: Devices, *, now: int = NOW, persisted: bool = True) -> dict[tuple[str, str], Heard]:
    devices.settle(persisted=True)
    found = {(one.address, one.host): one for one in devices.due(now, all_of_it=True)}
    devices.settle(persisted=persisted)
    return found


def test_devices_are_told_apart_by_address_and_name() -> None:
    devices = Devices()
    devices.saw([batch(["10.0.0.1", "10.0.0.1", "10.0.0.2", "10.0.0.1"], ["a", "b", "a", "a"])])
    found = noted(devices)
    assert {key: one.events for key, one in found.items()} == {
        ("10.0.0.1", "a"): 2, ("10.0.0.1", "b"): 1, ("10.0.0.2", "a"): 1
    }  # fmt: skip
    assert found["10.0.0.1", "a"].lag == SECOND
    assert found["10.0.0.2", "a"].lag == 2 * SECOND


def test_what_names_nobody_is_of_the_only_device_of_its_address() -> None:
    devices = Devices()
    unknown = batch(["10.0.0.1", "10.0.0.2"], dataset="log.unknown")
    devices.saw([unknown, batch(["10.0.0.1", "10.0.0.2", "10.0.0.2"], ["a", "b", "c"])])
    devices.refused(["10.0.0.1"] * 3, NOW)
    found = noted(devices)
    assert (found["10.0.0.1", "a"].unknown, found["10.0.0.1", "a"].rejected) == (1, 3)
    assert found["10.0.0.2", ""].unknown == 1


def test_a_time_that_is_that_of_receipt_says_nothing_of_a_clock() -> None:
    devices = Devices()
    devices.saw([batch(["10.0.0.1"], ["a"], **{"hanwatch.time.origin": "received"})])
    assert noted(devices)["10.0.0.1", "a"].lag is None


def test_what_was_given_up_is_counted_once_when_it_comes_again() -> None:
    devices = Devices()
    for persisted in (False, False, True):
        devices.saw([batch(["10.0.0.1"])])
        assert not devices.due(NOW)
        devices.settle(persisted=persisted)
    devices.saw([batch(["10.0.0.1"])])
    assert noted(devices, persisted=False)["10.0.0.1", ""].events == 2
    assert noted(devices)["10.0.0.1", ""].events == 2
    assert noted(devices) == {}


def test_what_is_due_with_a_round_is_what_the_rounds_before_it_hold() -> None:
    devices = Devices()
    for _ in range(2):
        devices.saw([batch(["10.0.0.1"])])
        due = devices.due(NOW)
        devices.settle(persisted=True)
    assert due[0].events == 1
    assert not devices.due(NOW + SECOND)
    assert devices.due(NOW + NOTE_SECONDS * SECOND)[0].events == 1


def test_a_flood_of_names_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "MOST_DEVICES", 10)
    devices = Devices()
    devices.saw([batch([f"192.0.2.{number}" for number in range(99)], [f"h{number}" * 99 for number in range(99)])])
    found = noted(devices)
    assert len(found) == 11
    assert found[REST].events == 89
    assert max(len(host) for _, host in found) <= 255


def test_values_that_are_no_names_are_none() -> None:
    devices = Devices()
    devices.saw([batch(["10.0.0.1"], **{"log.syslog.hostname": ["a", "b"], "host.name": 7})])
    assert list(noted(devices)) == [("10.0.0.1", "")]


def test_the_devices_behind_listeners_are_in_the_spool(listen: Listen) -> None:
    heard = listen(ListenerSettings("syslog.udp", 0, name="udp"), ListenerSettings("syslog.tcp", 0, name="tcp"))
    _send_udp(heard.port(0), BSD.format(1), BSD.format(2).replace("mymachine", "other"), "gate 7 opened", "\1\2\3\4")
    _send_tcp(heard.port(1), BSD.format(1).encode() + b"\n<999>Oct 11 22:14:15 x su: y\n")
    heard.wait(lambda: heard.count("records", "read") == 6)
    heard.listening.close()
    behind = {one.source.name.partition(":")[0]: one.devices for one in heard.spool.activity() if one.devices}
    assert {(device.address, device.host): device.events[1] for device in behind["syslog.udp"]} == {
        ("127.0.0.1", "mymachine"): 1, ("127.0.0.1", "other"): 1, ("127.0.0.1", ""): 1,
    }  # fmt: skip
    nameless = next(device for device in behind["syslog.udp"] if not device.host)
    assert (nameless.unknown, nameless.rejected, nameless.parsed) == (1, 1, 0.0)
    (tcp,) = behind["syslog.tcp"]
    assert (tcp.host, tcp.rejected, tcp.parsed) == ("mymachine", 1, 0.5)
    assert heard.balanced()

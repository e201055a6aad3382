import shutil
import socket
import struct
import subprocess
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from sensors.errors import FormatNotNamed
from sensors.event.model import Batch, Source
from sensors.listening import sorting
from sensors.listening.errors import ListenerTwice, ListenerUnusable
from sensors.parsers.access_log import AccessLog
from sensors.parsers.locality import Localities, Rule, put_in_force
from sensors.reading.model import Position, Reject
from sensors.service import Intake
from sensors.settings import ListenerSettings
from tests.sensors.listening.conftest import Listen

BSD = "<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/{}"
IETF = "<165>1 2026-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 - message {}"
UDP = ListenerSettings("syslog.udp", 0, name="udp")
TCP = ListenerSettings("syslog.tcp", 0, name="tcp")


def _send_udp(port: int, *texts: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for text in texts:
            sender.sendto(text.encode(), ("127.0.0.1", port))


def _send_tcp(port: int, data: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port)) as sender:
        sender.sendall(data)


def test_datagrams_become_events_with_their_sender(listen: Listen) -> None:
    heard = listen(UDP)
    _send_udp(heard.port(), *(BSD.format(number) for number in range(50)))
    heard.wait(lambda: heard.count("events", "spooled") == 50)
    rows = heard.rows()
    assert {row["log.source.address"] for row in rows} == {"127.0.0.1"}
    assert [row["event.sequence"] for row in rows] == list(range(1, 51))
    assert len({row["event.id"] for row in rows}) == 50
    assert heard.balanced()


def test_a_datagram_of_several_lines_is_one_message(listen: Listen) -> None:
    heard = listen(UDP)
    _send_udp(heard.port(), BSD.format("1\nsecond line\n"))
    row = heard.wait(heard.rows)[0]
    assert row["message"] == "'su root' failed for lonvick on /dev/pts/1#012second line"


def test_equal_messages_are_events_of_their_own_also_after_a_restart(listen: Listen) -> None:
    first = _heard_thrice(listen, 3)
    assert _heard_thrice(listen, 6) > first
    assert len(first) == 3


def _heard_thrice(listen: Listen, total: int) -> set[str]:
    """Ids of all events after three more equal messages were sent to listeners that then end."""
    heard = listen(UDP, TCP)
    _send_udp(heard.port(0), *[BSD.format(1)] * 2)
    _send_tcp(heard.port(1), BSD.format(1).encode() + b"\n")
    heard.wait(lambda: heard.count("events", "spooled") == total)
    heard.listening.close()
    assert heard.balanced()
    ids = {row["event.id"] for row in heard.rows()}
    assert len(ids) == total
    return ids


def test_each_line_of_a_relay_goes_to_its_own_format_and_what_is_broken_to_quarantine(listen: Listen) -> None:
    heard = listen(TCP)
    lines = [BSD.format(1), IETF.format(2), "nobody's line", BSD.format(3), '{"@timestamp":"2026-10-11T22:14:15Z"}']
    broken = [b"<999>Oct 11 22:14:15 host su: x", b"\x16\x03\x01\x02\x00\x01\xfc\x03\x03\xd5\xe2"]
    _send_tcp(heard.port(), b"\n".join([*(line.encode() for line in lines), *broken]))
    heard.wait(lambda: heard.count("records", "read") == 7)
    rows = heard.rows()
    assert sorted(row["event.dataset"] for row in rows) == ["ecs.event", "log.unknown", *["system.syslog"] * 3]
    (unknown,) = (row for row in rows if row["event.dataset"] == "log.unknown")
    assert unknown["message"] == unknown["event.original"] == "nobody's line"
    assert unknown["log.source.address"] == "127.0.0.1"
    assert unknown["hanwatch.template.text"] == "nobody's line"
    assert heard.reasons() == {"syslog-odd-priority": 1, "syslog-no-time": 1}
    assert heard.balanced()


def test_a_sender_of_unknown_lines_only_is_heard_and_its_format_told_once_it_has_one(listen: Listen) -> None:
    heard = listen(UDP)
    _send_udp(heard.port(), *(f"gate {number} opened by ops" for number in range(3)), "", "\x01\x02\x03\x04")
    heard.wait(lambda: heard.count("records", "read") == 5)
    _send_udp(heard.port(), BSD.format(1), "gate 7 opened by ops")
    rows = heard.wait(lambda: len(found := heard.rows()) == 5 and found)
    assert [row["event.dataset"] for row in rows].count("log.unknown") == 4
    assert rows[2]["hanwatch.template.text"] == "gate <NUM> opened by ops"
    assert len({row["hanwatch.template.id"] for row in rows if "hanwatch.template.id" in row}) == 1
    assert heard.count("records", "skipped") == 1
    assert heard.reasons() == {"format-unknown": 1}
    assert heard.balanced()


def test_what_the_quarantine_holds_of_no_known_format_is_read_once_there_is_one(
    listen: Listen, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sorting, "line_parsers", lambda: (AccessLog(),))
    heard = listen(TCP)
    _send_tcp(heard.port(), BSD.format(1).encode() + b"\n")
    heard.wait(lambda: heard.reasons() == {"format-unknown": 1})
    intake = Intake(heard.spool, time.time_ns, tmp_path)
    (entry,) = heard.spool.quarantined()

    def parse(raw: bytes, source: Source, ordinal: int, offset: int) -> Sequence[Batch] | Reject:
        return intake.parse_again(raw, source, entry.format, Position(offset, ordinal), entry.time)

    assert heard.spool.replay(entry.number, parse) == 1
    assert [row["process.name"] for row in heard.rows()] == ["su"]
    assert heard.balanced()


def test_a_format_that_was_said_is_kept_to(listen: Listen) -> None:
    heard = listen(ListenerSettings("syslog.tcp", 0, format="syslog.rfc5424"))
    _send_tcp(heard.port(), f"{IETF.format(1)}\n{BSD.format(2)}\n".encode())
    heard.wait(lambda: heard.count("records", "read") == 2)
    assert heard.reasons() == {"syslog-odd-header": 1}


def test_times_without_a_zone_are_of_the_listeners_zone(listen: Listen) -> None:
    zones = ("UTC", "Asia/Urumqi")
    heard = listen(*(ListenerSettings("syslog.udp", 0, name=zone, zone=zone) for zone in zones))
    for index in range(2):
        _send_udp(heard.port(index), BSD.format(index))
    rows = heard.wait(lambda: len(found := heard.rows()) == 2 and found)
    assert {row["@timestamp"][5:19] for row in rows} == {"10-11T22:14:15", "10-11T16:14:15"}


def test_a_device_may_have_a_zone_of_its_own_behind_a_listener_that_has_another(listen: Listen) -> None:
    put_in_force(Localities(rules=[Rule("syslog.udp://*/127.*", zone="UTC"), Rule("*", zone="America/New_York")]))
    try:
        heard = listen(ListenerSettings("syslog.udp", 0, zone="Asia/Urumqi"), TCP)
        for send, index in ((_send_udp, 0), (lambda port, text: _send_tcp(port, text.encode()), 1)):
            send(heard.port(index), BSD.format(index))
        rows = heard.wait(lambda: len(found := heard.rows()) == 2 and found)
    finally:
        put_in_force(Localities())
    assert {row["message"][-1]: row["@timestamp"][5:19] for row in rows} == {
        "0": "10-11T22:14:15", "1": "10-12T02:14:15"
    }  # fmt: skip
    assert heard.balanced()


def test_an_endless_line_is_refused_and_the_next_one_read(listen: Listen) -> None:
    heard = listen(ListenerSettings("syslog.tcp", 0, max_message=1_000))
    _send_tcp(heard.port(), b"<34>" + b"x" * 3_000_000 + b"\n" + BSD.format(1).encode() + b"\n")
    heard.wait(lambda: heard.count("events", "spooled") == 1)
    assert heard.reasons() == {"message-too-long": 1}
    entry = heard.spool.quarantined()[0]
    assert (entry.reject.size, entry.cut) == (3_000_004, True)
    assert heard.balanced()


def test_more_connections_than_allowed_are_closed_and_counted(listen: Listen) -> None:
    heard = listen(ListenerSettings("syslog.tcp", 0, connections=2))
    with ExitStack() as held:
        for _ in range(2):
            sender = held.enter_context(socket.create_connection(("127.0.0.1", heard.port())))
            sender.sendall(BSD.format(1).encode() + b"\n")
        heard.wait(lambda: heard.count("events", "spooled") == 2)
        third = held.enter_context(socket.create_connection(("127.0.0.1", heard.port())))
        third.settimeout(5)
        assert _closed(third)
        heard.wait(lambda: heard.count("lost", "listener-crowded") == 1)


def test_a_message_that_is_never_finished_is_given_up(listen: Listen) -> None:
    heard = listen(ListenerSettings("syslog.tcp", 0, stall_seconds=0.3))
    with socket.create_connection(("127.0.0.1", heard.port())) as slow:
        slow.sendall(b"400 <34>Oct")
        heard.wait(lambda: heard.reasons() == {"syslog-frame-stalled": 1})
        slow.settimeout(5)
        assert _closed(slow)


def _closed(sender: socket.socket) -> bool:
    try:
        return sender.recv(1) == b""
    except ConnectionResetError:
        return True


def test_what_the_kernel_drops_is_in_the_ledger(listen: Listen) -> None:
    heard = listen(ListenerSettings("syslog.udp", 0, receive_bytes=4_096))
    sent = 20_000
    _send_udp(heard.port(), *[BSD.format(1)] * sent)
    heard.wait(lambda: heard.count("events", "spooled") + heard.count("lost", "kernel") == sent)
    assert heard.count("lost", "kernel") > 0


def test_ports_in_use_names_twice_and_formats_that_do_not_exist_are_told(listen: Listen) -> None:
    heard = listen(TCP)
    taken = ListenerSettings("syslog.tcp", heard.port())
    with pytest.raises(ListenerUnusable) as refused:
        listen(UDP, taken)
    assert refused.value.parameters["reason"] == "taken"
    with pytest.raises(ListenerTwice):
        listen(ListenerSettings("syslog.udp", 1, name="a"), ListenerSettings("syslog.udp", 2, name="a"))
    with pytest.raises(FormatNotNamed):
        listen(ListenerSettings("syslog.udp", 0, format="nonsense"))


def test_what_was_received_is_spooled_before_the_end(listen: Listen) -> None:
    heard = listen(UDP, TCP)
    _send_tcp(heard.port(1), BSD.format(1).encode() * 1)
    _send_udp(heard.port(0), *[BSD.format(1)] * 500)
    time.sleep(0.1)
    heard.listening.close()
    assert heard.count("events", "spooled") == 501


LOGGER = shutil.which("logger")


@pytest.mark.skipif(LOGGER is None, reason="needs logger (util-linux)")
@pytest.mark.parametrize("more", [["-d"], ["-d", "--rfc3164"], ["-T"], ["-T", "--rfc3164"], ["-T", "--octet-count"]])
def test_logger_is_heard(listen: Listen, more: list[str]) -> None:
    assert LOGGER is not None
    heard = listen(TCP if "-T" in more else UDP)
    subprocess.run([LOGGER, "-n", "127.0.0.1", "-P", str(heard.port()), "-t", "drill", *more, "汉望 hello"], check=True)
    row = heard.wait(heard.rows)[0]
    assert (row["process.name"], row["message"]) == ("drill", "汉望 hello")
    assert heard.reasons() == {}


BASH = shutil.which("bash")


@pytest.mark.skipif(BASH is None or LOGGER is None, reason="needs bash and logger (util-linux)")
@pytest.mark.parametrize("protocol", ["udp", "tcp"])
def test_a_program_that_writes_lines_of_its_own_beside_logger_is_heard_whole(listen: Listen, protocol: str) -> None:
    assert BASH is not None
    assert LOGGER is not None
    heard = listen(UDP if protocol == "udp" else TCP)
    way = "-d" if protocol == "udp" else "-T"
    # logger writes a header before whatever it sends, so its message is one of syslog; a script writes none.
    subprocess.run([LOGGER, "-n", "127.0.0.1", "-P", str(heard.port()), way, "-t", "gate", "门禁 7 打开"], check=True)
    script = f"echo '门禁 7 打开 by ops' > /dev/{protocol}/127.0.0.1/{heard.port()}"
    subprocess.run([BASH, "-c", script], check=True)
    rows = heard.wait(lambda: len(found := heard.rows()) == 2 and found)
    told = {row["event.dataset"]: row["message"] for row in rows}
    assert told == {"system.syslog": "门禁 7 打开", "log.unknown": "门禁 7 打开 by ops"}
    assert heard.reasons() == {}
    assert heard.balanced()


SOFTFLOWD = shutil.which("softflowd")


@pytest.mark.skipif(SOFTFLOWD is None, reason="needs softflowd: make engines")
@pytest.mark.parametrize("version", ["5", "9", "10"])
def test_flows_of_softflowd_are_heard(listen: Listen, tmp_path: Path, version: str) -> None:
    assert SOFTFLOWD is not None
    heard = listen(ListenerSettings("netflow", 0))
    capture = tmp_path / "queries.pcap"
    capture.write_bytes(_capture(range(1, 41)))
    subprocess.run(
        [SOFTFLOWD, "-r", str(capture), "-n", f"127.0.0.1:{heard.port()}", "-v", version],
        check=True, capture_output=True, cwd=tmp_path,
    )  # fmt: skip
    heard.wait(lambda: heard.count("records", "event") == 40)
    rows = heard.rows()
    assert {row["source.port"] for row in rows} == set(range(1, 41))
    assert {(row["source.ip"], row["destination.ip"], row["network.transport"]) for row in rows} == {
        ("192.0.2.1", "198.51.100.2", "udp")
    }
    assert {(row["network.packets"], row["network.bytes"]) for row in rows} == {(1, 28 + 20)}
    assert {row["event.start"][:16] for row in rows} == {"2026-11-22T08:00"}
    assert heard.reasons() == {}
    heard.listening.close()
    (exporter,) = (device for one in heard.spool.activity() for device in one.devices)
    assert (exporter.address, exporter.host, exporter.events[1], exporter.parsed) == ("127.0.0.1", "", 40, 1.0)
    assert exporter.lag is not None
    assert heard.balanced()


def _capture(ports: range) -> bytes:
    """A capture of one datagram of 20 octets from each port."""
    second = 1_795_334_430
    frames = []
    for port in ports:
        udp = struct.pack(">HHHH", port, 53, 28, 0) + b"x" * 20
        ip = struct.pack(
            ">BBHHHBBH4s4s", 0x45, 0, 48, port, 0, 64, 17, 0, socket.inet_aton("192.0.2.1"),
            socket.inet_aton("198.51.100.2"),
        )  # fmt: skip
        frame = b"\x02\0\0\0\0\1\x02\0\0\0\0\2\x08\0" + ip + udp
        frames.append(struct.pack("<IIII", second, port, len(frame), len(frame)) + frame)
    return struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65_535, 1) + b"".join(frames)

"""The command in networks of its own: a veth pair, frames made by hand, and what becomes of them."""

import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
import pytest

import cli
from sensors.capture.live.warming import warm
from sensors.capture.writing import pcap
from tests.cli.conftest import Run
from tests.namespaces import ip, own_network, send, veth
from tests.sensors.capture import frames as made
from tests.sensors.capture.keeping.contents import contents
from tests.sensors.capture.test_tunnels import vxlan

KEEPING = """
capture:
  portion_seconds: 0.2
  keep: {max_bytes: 16777216, segment_bytes: 4194304, min_free_bytes: 0}
"""


@pytest.fixture
def network() -> Iterator[None]:
    warm()
    with own_network():
        veth()
        yield


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user can reach, which those of pytest are not."""
    with TemporaryDirectory(prefix="hanwatch-test-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


class Capture:
    """`hanwatch capture` as a process of its own; it captures once this is made."""

    def __init__(self, data: Path, *arguments: str, python: Sequence[str] = (sys.executable,), **more: str) -> None:
        words = [*python, "-m", "cli", "--data", str(data), "capture", *arguments, "--json"]
        environment = os.environ | {"HANWATCH_LANG": "en"} | more
        self.process = subprocess.Popen(
            words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
        )
        assert self.process.stderr
        for line in self.process.stderr:
            if line.startswith("Capturing"):
                return
        self.process.communicate()
        raise AssertionError(f"it ended with {self.process.returncode}")

    def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, dict[str, Any], str]:
        self.process.send_signal(number)
        said, words = self.process.communicate(timeout=60)
        return self.process.returncode, orjson.loads(said) if said else {}, words


def lookups(count: int) -> list[bytes]:
    return [made.udp4(port, 53, made.dns(port, f"host-{port}.example")) for port in range(1, count + 1)]


def ledger(hanwatch: Run) -> dict[str, Any]:
    return dict(hanwatch("ledger", "--json").lines[0])


@pytest.mark.usefixtures("network")
def test_what_passes_is_found(data: Path, hanwatch: Run) -> None:
    capture = Capture(data, "near")
    send("far", lookups(300))
    status, told, _ = capture.end()
    assert status == 0
    assert told["interfaces"] == [{"interface": "near", "packets": 300, "dropped": 0, "absences": 0, "problem": None}]
    (event,) = hanwatch("search", "dns.question.name:host-77.example", "--json").lines
    assert (event["source.port"], event["log.file.path"]) == (77, "interface/near")
    assert event["event.created"] >= event["@timestamp"]
    packets = ledger(hanwatch)["totals"]["packets"]
    assert (packets["total"], packets["parts"]["flow"], packets["missing"]) == (300, 300, 0)


@pytest.mark.usefixtures("network")
def test_events_can_be_found_while_the_capture_goes_on(data: Path, hanwatch: Run) -> None:
    capture = Capture(data, "near")
    try:
        question, answer = made.dns(9, "slow.example"), made.dns(9, "slow.example", reply=True)
        send("far", [made.udp4(9, 53, question), made.udp4(53, 9, answer, back=True)])
        for _ in range(60):
            time.sleep(0.5)
            if (data / "store").exists() and hanwatch("search", "dns.question.name:slow.example", "--json").lines:
                break
        else:
            raise AssertionError("nothing was found within half a minute")
    finally:
        capture.end()


@pytest.mark.usefixtures("network")
@pytest.mark.skipif(shutil.which("tcpreplay") is None, reason="the sender is tcpreplay: make engines")
def test_what_tcpreplay_sends_is_captured(data: Path, hanwatch: Run, tmp_path: Path) -> None:
    file = tmp_path / "sent.pcap"
    file.write_bytes(pcap(made.frames(*lookups(2_000))))
    capture = Capture(data, "near")
    subprocess.run(
        ["tcpreplay", "--intf1", "far", "--topspeed", str(file)], check=True, capture_output=True, timeout=60
    )
    status, told, _ = capture.end()
    assert status == 0
    assert told["interfaces"] == [{"interface": "near", "packets": 2_000, "dropped": 0, "absences": 0, "problem": None}]
    packets = ledger(hanwatch)["totals"]["packets"]
    assert (packets["total"], packets["parts"]["flow"], packets["missing"]) == (2_000, 2_000, 0)


@pytest.mark.usefixtures("network")
def test_after_a_kill_what_was_lost_is_counted_at_the_next_start(data: Path, hanwatch: Run) -> None:
    capture = Capture(data, "near")
    send("far", lookups(100))
    time.sleep(2)
    send("far", lookups(50))
    time.sleep(0.1)
    capture.end(signal.SIGKILL)
    assert list((data / "capture").glob("*.tally"))
    status, _, _ = Capture(data, "near").end()
    assert status == 0
    assert not list((data / "capture").glob("*.tally"))
    packets = ledger(hanwatch)["totals"]["packets"]
    assert packets["missing"] == 0
    # What stood in the ring and was not taken yet nobody can know.
    assert 100 <= packets["total"] <= 150
    assert packets["parts"]["flow"] + packets["parts"]["killed"] == packets["total"]
    untold = ledger(hanwatch)["conversion"]["packets_untold"]
    assert untold == packets["parts"]["flow"]


@pytest.mark.usefixtures("network")
def test_an_interface_that_goes_for_good_is_told_and_what_was_captured_stays(data: Path, hanwatch: Run) -> None:
    data.mkdir()
    (data / "hanwatch.yml").write_text("capture: {absent_seconds: 0.5}\n")
    capture = Capture(data, "near")
    send("far", lookups(20))
    time.sleep(0.3)
    ip("link", "del", "near")
    said, words = capture.process.communicate(timeout=60)
    assert capture.process.returncode == 3
    assert "near went away and is not back" in words
    assert orjson.loads(said)["interfaces"][0]["problem"] == "capture-interface-gone"
    assert ledger(hanwatch)["totals"]["packets"]["parts"]["flow"] == 20


@pytest.mark.usefixtures("network")
def test_one_interface_that_goes_leaves_the_others(data: Path, hanwatch: Run) -> None:
    veth("left", "right")
    capture = Capture(data, "near", "left")
    ip("link", "del", "near")
    time.sleep(1)
    send("right", lookups(10))
    status, told, words = capture.end()
    assert (status, "near went away" in words) == (3, True)
    assert [one["packets"] for one in told["interfaces"]][1] == 10


@pytest.mark.usefixtures("network")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes another user")
def test_an_interface_that_comes_back_is_taken_up_again_without_rights(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HANWATCH_CONFIG", str(open_folder / "hanwatch.yml"))
    wishes = "  user: nobody\n  interfaces:\n    - {interface: near}\n"
    (open_folder / "hanwatch.yml").write_text(KEEPING + wishes)
    data = open_folder / "data"
    capture = Capture(data)
    send("far", lookups(20))
    for _ in range(2):
        time.sleep(0.5)
        ip("link", "set", "near", "down")
        time.sleep(0.3)
        ip("link", "del", "near")
        time.sleep(0.5)
        veth()
        # The pauses between tries are 0.25, 0.5, 1 and 2 seconds.
        time.sleep(4)
        send("far", lookups(10))
    status, told, words = capture.end()
    assert status == 0, words
    (near,) = told["interfaces"]
    assert (status, near["packets"], near["absences"], near["problem"]) == (0, 40, 2, None), words
    assert words.count("the interface went away") == words.count("the interface is back") == 2
    words_of = [sys.executable, "-m", "cli", "--data", str(data), "ledger", "--json"]
    said = orjson.loads(subprocess.run(words_of, capture_output=True, check=True).stdout)
    packets = said["totals"]["packets"]
    assert (packets["parts"]["flow"], packets["missing"]) == (40, 0)
    assert said["conversion"]["packets_kept"] == 40
    assert said["conversion"]["interface_absences"] == 2
    assert 1 <= said["conversion"]["interface_absent_seconds"] <= 12


@pytest.mark.usefixtures("network")
def test_rights_are_given_up_once_the_rings_are_open(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data, file = open_folder / "data", open_folder / "hanwatch.yml"
    file.write_text("capture:\n  user: nobody\n  interfaces:\n    - {interface: near}\n")
    monkeypatch.setenv("HANWATCH_CONFIG", str(file))
    capture = Capture(data)
    status = Path(f"/proc/{capture.process.pid}/status").read_text()
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert set(fields["Uid"].split()) & {"0"} == set()
    assert set(fields["Gid"].split()) & {"0"} == set()
    assert int(fields["CapEff"], 16) == int(fields["CapPrm"], 16) == 0
    assert fields["NoNewPrivs"] == "1"
    send("far", lookups(30))
    ended, told, words = capture.end()
    assert (ended, told["interfaces"][0]["packets"]) == (0, 30), words
    assert data.stat().st_uid != 0


HIDING = 'mount --bind "$1" "$3/home" && mount --bind "$2" "$3/site" && shift 3 && exec "$@"'


@pytest.mark.usefixtures("network")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes another user")
@pytest.mark.parametrize("named", [True, False], ids=["matching", "as a service"])
def test_what_the_other_user_cannot_read_was_loaded_before(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch, named: bool
) -> None:
    """The interpreter and its libraries stand where nobody but root may look, in a mount namespace of the command."""
    hidden, data = open_folder / "hidden", open_folder / "data"
    for name in ("home", "site"):
        (hidden / name).mkdir(parents=True)
    hidden.chmod(0o700)
    libraries = sysconfig.get_paths()["purelib"]
    own = ["unshare", "--mount", "sh", "-c", HIDING, "sh", sys.base_prefix, libraries, str(hidden)]
    if shutil.which("unshare") is None or subprocess.run([*own, "true"], capture_output=True, check=False).returncode:
        pytest.skip("a mount namespace needs the program unshare (util-linux) and CAP_SYS_ADMIN")
    (open_folder / "hanwatch.yml").write_text("capture: {user: nobody, interfaces: [{interface: near}]}\n")
    monkeypatch.setenv("HANWATCH_CONFIG", str(open_folder / "hanwatch.yml"))
    capture = Capture(
        data, *(("near",) if named else ()), python=(*own, os.path.realpath(sys.executable)),
        PYTHONHOME=str(hidden / "home"), PYTHONPATH=f"{hidden / 'site'}:{Path(cli.__file__).parents[1]}",
    )
    send("far", lookups(30))
    status, told, words = capture.end()
    assert (status, told["interfaces"][0]["packets"]) == (0, 30), words
    assert "Traceback" not in words
    if named:
        words_of = [sys.executable, "-m", "cli", "--data", str(data), "search", "network.protocol:dns", "--json"]
        found = subprocess.run(words_of, capture_output=True, check=True).stdout.splitlines()
        assert found


def test_without_rights_the_reason_is_told(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "cli", "--data", str(tmp_path / "data"), "capture", "lo", "--seconds", "1"]
    with_nothing = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", *words]
    if os.geteuid() == 0:
        words = with_nothing
    try:
        done = subprocess.run(
            words, capture_output=True, text=True, env=os.environ | {"HANWATCH_LANG": "en"}, timeout=120, check=False
        )
    except FileNotFoundError:
        pytest.skip("taking rights away needs the program setpriv (util-linux)")
    assert done.returncode == 3
    assert "CAP_NET_RAW" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_is_wrong_with_the_call_is_told(hanwatch: Run) -> None:
    ran = hanwatch("capture")
    assert (ran.status, "No interface is named" in ran.err) == (2, True)
    assert hanwatch("capture", "a-name-that-is-too-long").status == 2


@pytest.mark.usefixtures("network")
def test_what_cannot_be_captured_is_told(hanwatch: Run) -> None:
    ran = hanwatch("capture", "none0", "--seconds", "1")
    assert (ran.status, "no such interface" in ran.err) == (3, True)
    ran = hanwatch("capture", "near", "--filter", "tcp port (", "--seconds", "1")
    assert (ran.status, "cannot be understood" in ran.err) == (2, True)
    ran = hanwatch("capture", "near", "--user", "no-such-user", "--seconds", "1")
    assert ran.status == 3


def test_the_interfaces_of_the_settings_are_captured(
    data: Path, hanwatch: Run, network: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    data.mkdir()
    (data / "hanwatch.yml").write_text(
        "capture:\n  portion_seconds: 0.2\n  interfaces:\n    - {interface: near, filter: udp port 53}\n"
    )
    capture = Capture(data)
    send("far", [*lookups(5), made.tcp4(1, 2, made.SYN)])
    status, told, _ = capture.end()
    assert (status, told["interfaces"][0]["packets"], told["events"]) == (0, 5, 10)
    (data / "hanwatch.yml").write_text("capture:\n  interfaces:\n    - {interface: near, snapp: 1}\n")
    ran = hanwatch("capture")
    assert (ran.status, "snapp" in ran.err) == (2, True)


@pytest.mark.usefixtures("network")
def test_the_sensor_captures_the_interfaces_of_the_settings(data: Path, hanwatch: Run) -> None:
    data.mkdir()
    (data / "hanwatch.yml").write_text("capture:\n  portion_seconds: 0.2\n  interfaces:\n    - {interface: near}\n")
    words = [sys.executable, "-m", "cli", "--data", str(data), "sensor"]
    environment = os.environ | {"HANWATCH_LANG": "en"}
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stderr
        assert any(line.startswith("Capturing near") for line in process.stderr)
        send("far", lookups(5))
        time.sleep(1)
        process.terminate()
        assert process.wait(30) == 0
    assert ledger(hanwatch)["totals"]["packets"]["parts"]["flow"] == 5
    (data / "hanwatch.yml").write_text("capture:\n  interfaces:\n    - {interface: none0}\n")
    ran = hanwatch("sensor")
    assert (ran.status, "no such interface" in ran.err) == (3, True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root is refused")
def test_everything_as_root_is_refused_where_captures_want_another_user(data: Path, hanwatch: Run) -> None:
    data.mkdir()
    (data / "hanwatch.yml").write_text("capture:\n  user: nobody\n  interfaces:\n    - {interface: near}\n")
    ran = hanwatch("run", "--port", 0)
    assert (ran.status, "AmbientCapabilities" in ran.err) == (2, True)


@pytest.mark.usefixtures("network")
def test_an_alert_leads_to_its_packets_as_they_were(data: Path, hanwatch: Run, tmp_path: Path) -> None:
    crafted = pytest.importorskip("sensors.capture.incidents", reason="crafting needs scapy").portal_attack(0)
    packets = [frame.octets for frame in crafted]
    data.mkdir()
    (data / "hanwatch.yml").write_text(KEEPING)
    capture = Capture(data, "near")
    send("far", [*lookups(50), *packets])
    status, told, words = capture.end()
    assert (status, told["interfaces"][0]["packets"]) == (0, 50 + len(packets)), words
    counts = ledger(hanwatch)["conversion"]
    assert (counts["packets_kept"], counts.get("packets_not_kept", 0)) == (50 + len(packets), 0)
    alert = hanwatch("alerts", "list", "--json").lines[0]
    slice_ = tmp_path / "evidence.pcapng"
    ran = hanwatch("alerts", "show", alert["id"], "--packets", slice_, "--json")
    assert ran.status == 0, ran.err
    found = [frame.octets for frame in contents(slice_)]
    assert found
    assert len(found) < len(packets)
    # In their order, octet by octet, and all of one connection.
    assert found == [packet for packet in packets if packet in found]
    assert len({frozenset((packet[26:30] + packet[34:36], packet[30:34] + packet[36:38])) for packet in found}) == 1

    ran = hanwatch("packets", "export", slice_, "--filter", "udp port 53")
    assert ran.status == 0, ran.err
    assert [frame.octets for frame in contents(slice_)] == lookups(50)
    (segment,) = hanwatch("packets", "list", "--json").lines
    assert segment["packets"] == 50 + len(packets)


@pytest.mark.usefixtures("network")
def test_packets_are_written_to_a_file(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "near.pcapng"
    capture = Capture(data, "near", "--write", str(file))
    send("far", lookups(30))
    status, _, words = capture.end()
    assert status == 0, words
    assert [frame.octets for frame in contents(file)] == lookups(30)
    assert {one.name for one in tmp_path.iterdir()} == {"near.pcapng", "data"}


@pytest.mark.usefixtures("network")
def test_packets_of_a_killed_capture_are_still_found(data: Path, hanwatch: Run, tmp_path: Path) -> None:
    data.mkdir()
    (data / "hanwatch.yml").write_text(KEEPING)
    capture = Capture(data, "near")
    send("far", lookups(40))
    time.sleep(1.5)
    capture.end(signal.SIGKILL)
    hosts = ("--host", made.A, "--host", made.B, "--port", 7, "--port", 53)
    ran = hanwatch("packets", "export", tmp_path / "slice.pcapng", *hosts)
    assert ran.status == 0, ran.err
    assert [frame.octets for frame in contents(tmp_path / "slice.pcapng")] == lookups(7)[6:]
    assert list((data / "packets").glob("*.pairs"))


def test_an_event_of_a_file_leads_to_its_packets_without_a_ring(hanwatch: Run, tmp_path: Path) -> None:
    file, slice_ = tmp_path / "made.pcap", tmp_path / "slice.pcapng"
    file.write_bytes(pcap(made.frames(*lookups(20)), nanoseconds=True))
    assert hanwatch("ingest", file).status == 0
    (event,) = hanwatch("search", "dns.question.name:host-7.example", "--json").lines
    assert hanwatch("packets", "export", slice_, "--event", event["event.id"]).status == 0
    assert contents(slice_) == made.frames(*lookups(20))[6:7]
    file.write_bytes(pcap(made.frames(*lookups(21)[1:]), nanoseconds=True))
    ran = hanwatch("packets", "export", slice_, "--event", event["event.id"])
    assert (ran.status, "file-changed" in ran.err) == (3, True)
    file.unlink()
    assert hanwatch("packets", "export", slice_, "--event", event["event.id"]).status == 3


def test_hosts_are_found_inside_tunnels_by_their_addresses_and_by_their_event(hanwatch: Run, tmp_path: Path) -> None:
    file, slice_ = tmp_path / "made.pcap", tmp_path / "slice.pcapng"
    ends = "198.51.100.1", "198.51.100.2"
    carried = [made.ethernet(made.ipv4(*ends, 17, made.udp(5, 4_789, vxlan(7, one)))) for one in lookups(3)]
    other = made.ethernet(made.ipv4(*ends, 17, made.udp(5, 9_999, b"nothing of theirs")))
    file.write_bytes(pcap(made.frames(*carried, other), nanoseconds=True))
    ran = hanwatch("packets", "export", slice_, "--host", made.B, "--host", made.A, "--capture", file)
    assert ran.status == 0, ran.err
    assert [frame.octets for frame in contents(slice_)] == carried
    assert hanwatch("ingest", file).status == 0
    (event,) = hanwatch("search", "dns.question.name:host-2.example", "--json").lines
    assert hanwatch("packets", "export", slice_, "--event", event["event.id"]).status == 0
    assert [frame.octets for frame in contents(slice_)] == carried


def test_hosts_are_said_twice_or_not_at_all(hanwatch: Run, tmp_path: Path) -> None:
    assert hanwatch("packets", "export", tmp_path / "slice.pcapng", "--host", made.A).status == 2
    assert hanwatch("packets", "export", tmp_path / "slice.pcapng", "--host", "none", "--host", made.A).status == 2


@pytest.mark.skipif(shutil.which("tshark") is None, reason="deep dissection needs tshark: make engines")
def test_a_slice_is_dissected(hanwatch: Run, tmp_path: Path) -> None:
    file = tmp_path / "made.pcap"
    file.write_bytes(pcap(made.frames(*lookups(20)), nanoseconds=True))
    words = ("packets", "dissect", "--capture", file, "--display", "udp.srcport == 2", "--json")
    (packet,) = hanwatch(*words).lines
    assert packet["fields"]["dns.qry_name"] == "host-2.example"

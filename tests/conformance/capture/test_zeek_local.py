"""DHCP, NTP and SNMP against Zeek's baselines: every ntp.log, and those of DHCP and SNMP that no setting of Zeek bends.

Left out of DHCP's are those that try how Zeek gives transactions up (dhcp-prevent-large-*, dhcp-max-tracked-*) and one
that is a copy of another (cluster); of SNMP's the one whose messages cannot be read (snmp-crash-62790). The list was
written before anything was compared. Zeek joins a transaction's messages of DHCP; ours are joined here by their number.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.conformance.capture.suricata import Event, events
from tests.conformance.capture.suricata_local import halves
from tests.conformance.capture.zeek_logs import rows
from tests.conformance.places import PACKETS

pytestmark = pytest.mark.conformance

ZEEK = PACKETS / "zeek" / "testing" / "btest"
NTP = {
    "ntp": "ntp/ntp.pcap", "ntp2": "ntp/ntp2.pcap", "ntp3": "ntp/NTP_sync.pcap", "ntp-digest": "ntp/NTP-digest.pcap",
    "misordered-ntp": "ntp/misordered-ntp.pcap",
}
DHCP = {
    "dhcp-ack-msg-types": "dhcp/dhcp_ack_subscriber_id_and_agent_remote_id.pcap",
    "dhcp-all-msg-types": "dhcp/dhcp.pcap",
    "dhcp-discover-msg-types": "dhcp/dhcp_discover_param_req_and_client_id.pcap",
    "dhcp-sub-opts": "dhcp/dhcp_ack_subscriber_id_and_agent_remote_id.pcap",
    "inform": "dhcp/dhcp_inform.pcap",
}


def logged(log: Path) -> Iterator[Mapping[str, str]]:
    """The rows of a log; what is not set is left out."""
    for row in rows(log):
        # Zeek writes the octets that fill a short text up.
        plain = ((name, value.replace("\\x00", "")) for name, value in row.items())
        yield {name: value for name, value in plain if value not in ("-", "")}


def baseline(name: str, log: str) -> Iterator[Mapping[str, str]]:
    folder = ".".join(("scripts.base.protocols", log.partition("_")[0].removesuffix(".log"), name))
    return logged(ZEEK / "Baseline" / folder / log)


def ours(trace: str, dataset: str) -> list[Event]:
    found = [event for event in events(ZEEK / "Traces" / trace) if event["event.dataset"] == dataset]
    return sorted(found, key=lambda event: event["event.sequence"])



@pytest.mark.parametrize("name", NTP)
def test_clocks_say_what_zeek_read(name: str) -> None:
    theirs = Counter(
        (row["version"], row["mode"], row["stratum"], row.get("ref_id", "")) for row in baseline(name, "ntp.log")
    )
    found = Counter(
        tuple(str(half.get(f"ntp.{field}", "")) for field in ("version", "mode", "stratum", "ref_id"))
        for event in ours(NTP[name], "network.ntp")
        for half in halves(event)
        if half["ntp.mode"] <= 5
    )
    assert found == theirs


@pytest.mark.parametrize("name", NTP)
def test_answers_have_the_times_that_zeek_read(name: str) -> None:
    said = [row for row in baseline(name, "ntp.log") if row["mode"] in ("2", "4")]
    found = [event for event in ours(NTP[name], "network.ntp") if event["ntp.mode"] in (2, 4)]
    names = ("poll", "precision", "root_delay", "root_disp")
    theirs = Counter(tuple(f"{float(row[one]):.6f}" for one in names) for row in said)
    mine = Counter(tuple(f"{event[f'ntp.{one}']:.6f}" for one in names) for event in found)
    assert mine == theirs
    assert len(found) == len(said)


def test_control_and_private_messages_are_those_of_zeek() -> None:
    found = [half for event in ours("ntp/ntpmode67.pcap", "network.ntp") for half in halves(event)]
    control = Counter((str(one["ntp.op_code"]), str(one["ntp.sequence"]), str(one["ntp.association_id"]))
                      for one in found if one["ntp.mode"] == 6)
    private = Counter((str(one["ntp.req_code"]), str(one["ntp.implementation"]))
                      for one in found if one["ntp.mode"] == 7)
    assert control == Counter(
        (row["op_code"], row["sequence"], row["association_id"])
        for row in baseline("ntpmode67", "ntp_control.log")
    )
    assert private == Counter(
        (row["req_code"], row["implementation"]) for row in baseline("ntpmode67", "ntp_private.log")
    )


@pytest.mark.parametrize("name", DHCP)
def test_transactions_of_dhcp_are_those_of_zeek(name: str) -> None:
    by_number: dict[int, list[Event]] = {}
    for event in ours(DHCP[name], "network.dhcp"):
        by_number.setdefault(event["dhcp.xid"], []).append(event)
    names = (
        "mac", "host_name", "domain", "requested_addr", "assigned_addr", "server_message", "circuit_id",
        "subscriber_id",
    )
    theirs = [
        {**{one: row[one] for one in names if one in row}, "types": row["msg_types"], "lease": row.get("lease_time")}
        for row in baseline(name, "dhcp.log")
    ]
    found = []
    for messages in by_number.values():
        said = {one: event[f"dhcp.{one}"] for event in messages for one in names if f"dhcp.{one}" in event}
        said["mac"] = said["mac"].lower().replace("-", ":")
        # Zeek tells what servers give, not what clients ask for.
        given = [event for event in messages if event["dhcp.op"] == "reply" and "dhcp.lease_time" in event]
        lease = [f"{event['dhcp.lease_time']:.6f}" for event in given]
        types = ",".join(event["dhcp.message_type"] for event in messages)
        found.append({**said, "types": types, "lease": lease[-1] if lease else None})
    for row in found:
        # These logs have the columns of relays only where a script of Zeek's is loaded.
        if not any("circuit_id" in other for other in theirs):
            row.pop("circuit_id", None)
            row.pop("subscriber_id", None)
    assert sorted(map(sorted_items, found)) == sorted(map(sorted_items, theirs))


def sorted_items(row: Mapping[str, object]) -> list[tuple[str, str]]:
    return sorted((name, str(value)) for name, value in row.items())


def test_requests_of_snmp_are_those_of_zeek() -> None:
    (row,) = baseline("v3", "snmp.log")
    found = [half for event in ours("snmp/snmpv3_get_next.pcap", "network.snmp") for half in halves(event)]
    # Zeek counts objects.
    objects: Counter[str] = Counter()
    for one in found:
        objects[one["snmp.pdu_type"]] += len(one.get("snmp.oids", ()))
    assert {one["snmp.version"] for one in found} == {row["version"]}
    assert objects["get_request"] + objects["get_next_request"] == int(row["get_requests"])
    assert objects["response"] == int(row["get_responses"])

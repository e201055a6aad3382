"""Industrial protocols against the logs of ICSNPP and Zeek, and IEC 60870-5-104 against tshark.

Compared is every log about these protocols that ICSNPP and Zeek expect of a trace which is there, and that names
functions or objects: of ICSNPP dnp3, dnp3_objects, dnp3_control, modbus_detailed, s7comm and s7comm_plus, of Zeek dnp3
and modbus of the traces whose name is the baseline's, or which its test names. Of IEC 60870-5-104 it is every capture
of nDPI whose name says so. The list was frozen before the first comparison.
"""

import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final, TypeAlias
from xml.etree import ElementTree as ET

import pytest

from tests.conformance.capture.suricata import Event, events
from tests.conformance.capture.suricata_industrial import header
from tests.conformance.capture.zeek_logs import rows
from tests.conformance.places import PACKETS

pytestmark = pytest.mark.conformance

Row: TypeAlias = tuple[Any, ...]
Told: TypeAlias = Counter[Row]

ZEEK: Final = "zeek/testing/btest"
DNP3: Final = "icsnpp-dnp3/testing"
MODBUS: Final = "icsnpp-modbus/testing"
S7: Final = "icsnpp-s7comm/tests"
NDPI: Final = "ndpi/tests/cfgs/default/pcap"


def told(trace: str, dataset: str) -> Iterator[Event]:
    return (event for event in events(PACKETS / trace) if event["event.dataset"] == dataset)


def asked(event: Event) -> bool:
    """Whether an event of DNP3 holds a request (an answer or report may stand alone)."""
    return bool(event["dnp3.function_code"] < 128)


def zeek_dnp3(rows: Iterable[dict[str, str]], mine: Iterable[Event]) -> tuple[Told, Told]:
    """Zeek's log has a line for each answer, with the request before it; ours: requests with their answer."""
    theirs = Counter((row["fc_request"], row["fc_reply"], row["iin"]) for row in rows)
    ours = Counter(
        (event["dnp3.function"] if asked(event) else "-", event["dnp3.fc_reply"], str(event["dnp3.iin"]))
        for event in mine if "dnp3.fc_reply" in event
    )
    return theirs, ours


_OBJECTS: Final = {
    "Class 0 Data": (60, 1), "Class 1 Data": (60, 2), "Class 2 Data": (60, 3), "Class 3 Data": (60, 4),
    "Binary Input With Status": (1, 2), "Binary Output Status": (10, 2), "16-Bit Analog Input": (30, 2),
    "16-Bit Analog Output Status": (40, 2),
}
"""ICSNPP's names of the objects in its trace, by group and variation."""


def icsnpp_dnp3_objects(rows: Iterable[dict[str, str]], mine: Iterable[Event]) -> tuple[Told, Told]:
    theirs = Counter(
        (row["function_code"], _OBJECTS[row["object_type"]], row["object_count"], row["range_low"], row["range_high"])
        for row in rows
    )
    ours: Told = Counter()
    for event in mine:
        for function, name in ((event["dnp3.function"], "dnp3.objects"), ("RESPONSE", "dnp3.response_objects")):
            for one in map(header, event.get(name) or ()):
                where = (str(one.count), str(one.start), str(one.stop)) if one.count else ("-", "-", "-")
                # Commands are in the other log.
                if one.group != 12:
                    ours[function, (one.group, one.variation), *where] += 1
    return theirs, ours


def icsnpp_dnp3_control(rows: Iterable[dict[str, str]], mine: Iterable[Event]) -> tuple[Told, Told]:
    names = ("index_number", "trip_control_code", "operation_type", "execute_count", "on_time", "off_time")
    theirs = Counter((row["function_code"], *(row[name] for name in names), row["status_code"]) for row in rows)
    ours: Told = Counter()
    for event in mine:
        columns = [event.get(f"dnp3.control.{name}") or () for name in names]
        statuses = event.get("dnp3.control.status_code") or ()
        for number, row in enumerate(zip(*columns, strict=True)):
            said = tuple(map(str, row))
            if asked(event):
                ours[event["dnp3.function"], *said, "-"] += 1
            if number < len(statuses):
                ours["RESPONSE", *said, statuses[number]] += 1
    return theirs, ours


def zeek_modbus(rows: Iterable[dict[str, str]], mine: Iterable[Event]) -> tuple[Told, Told]:
    """Zeek's log has a line for each message; a function that it does not know it names with the exception's bit."""
    theirs: Told = Counter()
    for row in rows:
        function = row["func"].removesuffix("_EXCEPTION")
        if function.startswith("unknown-"):
            function = f"unknown-{int(function.removeprefix('unknown-')) & 127}"
        theirs[row["tid"], row["unit"], function, row["pdu_type"], row["exception"]] += 1
    ours: Told = Counter()
    for event in mine:
        said = str(event["modbus.tid"]), str(event["modbus.unit"]), event["modbus.function"]
        if "event.outcome" not in event or "event.duration" in event:
            ours[*said, "REQ", "-"] += 1
        if "event.outcome" in event:
            ours[*said, "RESP", event.get("modbus.exception", "-")] += 1
    return theirs, ours


def _listed(values: Iterable[int] | None) -> str:
    return ",".join(map(str, values)) if values else "-"


_ELSEWHERE: Final = ("MASK_WRITE_REGISTER", "READ_WRITE_MULTIPLE_REGISTERS")
"""Functions whose values ICSNPP has in logs of their own."""


def icsnpp_modbus(rows: Iterable[dict[str, str]], mine: Iterable[Event]) -> tuple[Told, Told]:
    """Of a request without an answer's log ICSNPP has two lines, one for each message, which say the same."""
    theirs = Counter(
        (
            row["tid"], row["unit"], row["func"], *(
                ("-", "-", "-") if row["func"] in _ELSEWHERE
                else (row["address"], row["request_values"], row["response_values"])
            ), row["exception_code"],
        )
        for row in {tuple(row.items()): row for row in rows}.values()
    )
    ours = Counter(
        (
            str(event["modbus.tid"]), str(event["modbus.unit"]), event["modbus.function"], *(
                ("-", "-", "-") if event["modbus.function"] in _ELSEWHERE
                else (
                    str(event.get("modbus.address", "-")), _listed(event.get("modbus.request_values")),
                    _listed(event.get("modbus.response_values")),
                )
            ), event.get("modbus.exception", "-"),
        )
        for event in mine
    )
    return theirs, ours


def icsnpp_s7comm(rows: Iterable[dict[str, str]], mine: Iterable[Event]) -> tuple[Told, Told]:
    """Requests and answers with their function; ICSNPP writes what is asked for and said in one name."""
    theirs = Counter(
        (
            row["rosctr_name"], row["pdu_reference"], row["function_name"], row["subfunction_name"],
            row["error_class"],
        )
        for row in rows
    )
    ours: Told = Counter()
    for event in mine:
        if event.get("s7comm.variant") != "S7comm":
            continue
        user = event["s7comm.rosctr"] == "User-Data"
        name, reference = event["s7comm.function"], str(event["s7comm.pdu_reference"])
        sub = event.get("s7comm.subfunction", "-")
        asks, answers = ("User-Data", "User-Data") if user else ("Job-Request", "ACK-Data")
        if "event.duration" in event or "event.outcome" not in event:
            ours[asks, reference, f"Request: {name}" if user else name, sub, "-"] += 1
        if "event.outcome" in event:
            error = event.get("s7comm.error_class", "No error")
            ours[answers, reference, f"Response: {name}" if user else name, sub if user else "-", error] += 1
    return theirs, ours


def icsnpp_s7comm_plus(rows: Iterable[dict[str, str]], mine: Iterable[Event]) -> tuple[Told, Told]:
    theirs = Counter((row["version"], row["opcode_name"], row["function_name"]) for row in rows)
    ours: Told = Counter()
    for event in mine:
        if event.get("s7comm.variant") != "S7comm-plus":
            continue
        said = str(event["s7comm.version"]), event.get("s7comm.function", "-")
        ours[said[0], event.get("s7comm.opcode", "-"), said[1]] += 1
        if "event.duration" in event:
            ours[said[0], "Response", said[1]] += 1
    return theirs, ours


Compare: TypeAlias = Callable[[Iterable[dict[str, str]], Iterable[Event]], tuple[Told, Told]]


def _zeek(baseline: str, trace: str, dataset: str, compare: Compare) -> tuple[str, str, str, Compare]:
    name = f"{ZEEK}/Baseline/scripts.base.protocols.{dataset}.{baseline}/{dataset}.log"
    return name, f"{ZEEK}/Traces/{dataset}/{trace}.pcap", f"network.{dataset}", compare


CASES: Final[tuple[tuple[str, str, str, Compare], ...]] = (
    *(
        (f"{DNP3}/baseline/analyzer.basic/{log}.log", f"{DNP3}/traces/dnp3_example.pcap", "network.dnp3", compare)
        for log, compare in (
            ("dnp3", zeek_dnp3), ("dnp3_objects", icsnpp_dnp3_objects), ("dnp3_control", icsnpp_dnp3_control),
        )
    ),
    (
        f"{MODBUS}/baseline/analyzer.basic/modbus_detailed.log", f"{MODBUS}/traces/modbus_example.pcap",
        "network.modbus", icsnpp_modbus,
    ),
    *(
        (f"{S7}/baseline/analyzer.{name}/{log}.log", f"{S7}/traces/{name}.pcap", "network.s7comm", compare)
        for name, log, compare in (
            ("s7ident", "s7comm", icsnpp_s7comm), ("s7comm_plus", "s7comm", icsnpp_s7comm),
            ("s7comm_plus", "s7comm_plus", icsnpp_s7comm_plus),
        )
    ),
    _zeek("events", "dnp3", "dnp3", zeek_dnp3),
    *(
        _zeek(name, name, "dnp3", zeek_dnp3)
        for name in (
            "dnp3_read", "dnp3_rec_time", "dnp3_udp_en_spon", "dnp3_udp_read", "dnp3_udp_select_operate",
            "dnp3_udp_write",
        )
    ),
    _zeek("modbus_and_non_modbus_on_port_502", "modbus-and-non-modbus-p502", "modbus", zeek_modbus),
    _zeek("exception_handling", "fuzz-72", "modbus", zeek_modbus),
    _zeek("register_parsing", "fuzz-1011", "modbus", zeek_modbus),
)
"""Log, trace, dataset, and how they are compared."""

LEAST: Final = 0.9
"""The share of all rows of a log that we tell alike."""
DIFFERENT: Final[dict[str, tuple[float, str]]] = {
    f"{S7}/baseline/analyzer.s7ident/s7comm.log": (
        1, "refusals of jobs, which have no function of their own, are not in ICSNPP's log; here they are told",
    ),
    f"{ZEEK}/Baseline/scripts.base.protocols.dnp3.events/dnp3.log": (
        51 / 66, "Zeek puts an answer or report together with what was asked last; here its number must be the same",
    ),
    f"{ZEEK}/Baseline/scripts.base.protocols.modbus.exception_handling/modbus.log": (
        1 / 15, "a fuzzed trace: what stands behind a gap in the sequence numbers is not read here",
    ),
}
"""Logs of which less agrees: how much, and why."""


@pytest.mark.parametrize(("log", "trace", "dataset", "compare"), CASES, ids=[log for log, *_ in CASES])
def test_what_others_log_we_tell(log: str, trace: str, dataset: str, compare: Compare) -> None:
    theirs, ours = compare(rows(PACKETS / log), told(trace, dataset))
    least, _ = DIFFERENT.get(log, (LEAST, ""))
    missing, more = theirs - ours, ours - theirs
    assert theirs
    assert (theirs & ours).total() >= least * theirs.total(), (missing, more)
    # Nor is there much that they do not have.
    assert log in DIFFERENT or more.total() <= (1 - LEAST) * theirs.total(), more


IEC104: Final = ("IEC104.pcap", "iec60780-5-104.pcap")


@pytest.mark.skipif(shutil.which("tshark") is None, reason="the second opinion is tshark: make engines")
@pytest.mark.parametrize("name", IEC104)
def test_data_of_iec_104_are_those_of_tshark(name: str) -> None:
    theirs, ours = dissected(PACKETS / NDPI / name), Counter[Row]()
    for event in told(f"{NDPI}/{name}", "network.iec104"):
        if "iec104.type" not in event:
            continue
        said = event["iec104.type_id"], event["iec104.common_address"], tuple(event["iec104.objects"])
        ours[event["iec104.cause"], *said] += 1
        if "event.duration" in event:
            ours[event["iec104.reply_cause"], *said] += 1
    assert theirs
    assert (theirs & ours).total() >= LEAST * theirs.total(), (theirs - ours, ours - theirs)
    assert (ours - theirs).total() <= (1 - LEAST) * theirs.total(), ours - theirs


_CAUSES: Final = {1: "per/cyc", 3: "spont", 4: "init", 5: "req", 6: "act", 7: "actcon", 10: "actterm", 20: "inrogen"}


def dissected(capture: Path) -> Told:
    """Cause, type, station and addresses of each message that tshark reads."""
    command = ["tshark", "-n", "-r", str(capture), "-Y", "iec60870_asdu", "-T", "pdml"]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found: Told = Counter()
    for message in ET.fromstring(text).iter("proto"):
        if message.get("name") != "iec60870_asdu":
            continue
        values: dict[str, list[int]] = {}
        for field in message.iter("field"):
            name = str(field.get("name")).removeprefix("iec60870_asdu.")
            if name in {"typeid", "causetx", "addr", "ioa"}:
                values.setdefault(name, []).append(int(str(field.get("show")), 0))
        if not {"causetx", "addr"} <= values.keys():
            continue  # tshark itself finds it malformed
        cause = values["causetx"][0]
        found[
            _CAUSES.get(cause, str(cause)), values["typeid"][0], values["addr"][0], tuple(values.get("ioa", ()))
        ] += 1
    return found

from pathlib import Path

import pytest

from sensors.capture.protocols.model import Context, Message, NotThis, Side
from sensors.capture.protocols.snmp import PROTOCOL, parse
from tests.sensors.capture.protocols.dialogues import Dialogue, own, told

CONTEXT = Context(PROTOCOL.signs[0].framing)
NAME, UPTIME = "1.3.6.1.2.1.1.5.0", "1.3.6.1.2.1.1.3.0"
ENGINE = bytes.fromhex("8000000001020304")


def ber(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    size = bytes([len(body)]) if len(body) < 128 else b"\x82" + len(body).to_bytes(2, "big")
    return bytes([tag]) + size + body


def number(value: int, size: int = 1) -> bytes:
    return ber(2, value.to_bytes(size, "big", signed=True))


def oid(text: str) -> bytes:
    first, second, *rest = map(int, text.split("."))
    octets = b""
    for arc in (40 * first + second, *rest):
        groups = [arc >> shift & 127 for shift in range(28, -1, -7)]
        while len(groups) > 1 and not groups[0]:
            del groups[0]
        octets += bytes(group | 128 for group in groups[:-1]) + bytes(groups[-1:])
    return ber(6, octets)


def bound(*objects: str, value: bytes = b"\5\0") -> bytes:
    return ber(0x30, *(ber(0x30, oid(one), value) for one in objects))


def pdu(tag: int, identity: int, objects: bytes, one: int = 0, two: int = 0) -> bytes:
    return ber(tag, number(identity, 4), number(one), number(two), objects)


def message(version: int, inner: bytes, community: bytes = b"public") -> bytes:
    return ber(0x30, number(version), ber(4, community), inner)


def third(bits: int, inner: bytes, *, identity: int = 7, engine: bytes = ENGINE, user: bytes = b"operator") -> bytes:
    head = ber(0x30, number(identity, 4), number(1_472, 2), ber(4, bytes([bits])), number(3))
    secured = ber(0x30, ber(4, engine), number(2), number(9), ber(4, user), ber(4), ber(4))
    return ber(0x30, number(3), head, ber(4, secured), inner)


def scoped(inner: bytes) -> bytes:
    return ber(0x30, ber(4, ENGINE), ber(4, b"vlan-7"), inner)


DIALOGUE = Dialogue(161, (
    (True, message(1, pdu(0xA0, 70_001, bound(NAME)))),
    (False, message(1, pdu(0xA2, 70_001, bound(NAME, value=ber(4, b"switch-3"))))),
    (True, message(0, pdu(0xA3, 70_002, bound(NAME, value=ber(4, b"x"))), b"n0t-known")),
    (False, message(0, pdu(0xA2, 70_002, bound(NAME), 2, 1), b"n0t-known")),
    (True, message(1, pdu(0xA5, 70_003, bound(UPTIME), 1, 20))),
    (False, message(1, pdu(0xA2, 70_003, bound(NAME, UPTIME)))),
    (True, third(4, scoped(pdu(0xA0, 70_004, bound())), engine=b"", user=b"")),
    (False, third(0, scoped(pdu(0xA8, 0, bound("1.3.6.1.6.3.15.1.1.4.0", value=ber(0x41, b"\1")))))),
    (True, third(7, ber(4, bytes(40)), identity=8)),
    (False, third(3, ber(4, bytes(40)), identity=8)),
    (True, message(1, pdu(0xA1, 70_005, bound(NAME)))),
), udp=True)


def test_requests_find_their_answers_in_all_versions(tmp_path: Path) -> None:
    events = sorted(told(tmp_path, "network.snmp", *DIALOGUE.packets()), key=lambda event: event["event.sequence"])
    read, written, walked, found, sealed, alone = (own(event, "snmp.") for event in events)
    assert read == {
        "version": "2c", "community": "public", "pdu_type": "get_request", "response_type": "response",
        "request_id": 70_001, "error_status": "noError", "oids": [NAME],
    }
    assert (written["version"], written["community"], written["pdu_type"]) == ("1", "other", "set_request")
    assert (written["error_status"], written["error_index"]) == ("noSuchName", 1)
    assert (walked["non_repeaters"], walked["max_repetitions"], walked["oids"]) == (1, 20, [UPTIME])
    assert walked["response_oids"] == [NAME, UPTIME]
    assert (found["response_type"], found["response_oids"]) == ("report", ["1.3.6.1.6.3.15.1.1.4.0"])
    assert (found["engine_id"], found["context"], "oids" in found) == (ENGINE.hex(), "vlan-7", False)
    assert sealed == {
        "version": "3", "security_level": "authPriv", "engine_id": ENGINE.hex(), "engine_boots": 2,
        "pdu_type": "encrypted", "response_type": "encrypted",
    }
    assert events[4]["user.name"] == "operator"
    assert ("response_type" in alone, alone["pdu_type"]) == (False, "get_next_request")


def test_a_community_that_is_a_secret_is_nowhere_in_the_events(tmp_path: Path) -> None:
    for dataset in ("network.snmp", "network.flow"):
        events = told(tmp_path, dataset, *DIALOGUE.packets())
        assert events
        assert "n0t-known" not in str(events)


def said(octets: bytes) -> Message:
    return parse(octets, CONTEXT)


def test_traps_of_both_versions_have_one_name() -> None:
    one = ber(0xA4, oid("1.3.6.1.4.1.9"), ber(0x40, b"\xc0\0\2\1"), number(4), number(0), ber(0x43, b"\1"), bound(NAME))
    other = ber(0xA4, oid("1.3.6.1.4.1.9"), ber(0x40, b"\xc0\0\2\1"), number(6), number(42), ber(0x43, b"\1"), bound())
    named = bound("1.3.6.1.6.3.1.1.4.1.0", value=oid("1.3.6.1.6.3.1.1.5.5"))
    first, second, third_one = said(message(0, one)), said(message(0, other)), said(message(1, pdu(0xA7, 5, named)))
    assert first.side is second.side is third_one.side is Side.ALONE
    assert first.fields["snmp.trap_oid"] == third_one.fields["snmp.trap_oid"] == "1.3.6.1.6.3.1.1.5.5"
    assert (first.fields["snmp.agent_addr"], first.fields["snmp.enterprise"]) == ("192.0.2.1", "1.3.6.1.4.1.9")
    assert second.fields["snmp.trap_oid"] == "1.3.6.1.4.1.9.0.42"
    assert said(message(1, pdu(0xA6, 5, named))).side is Side.ASKS


def test_many_objects_are_bounded_and_marked() -> None:
    fields = said(message(1, pdu(0xA0, 5, bound(*[NAME] * 70)))).fields
    assert (len(fields["snmp.oids"]), fields["snmp.incomplete"]) == (64, True)


def test_identifiers_have_two_first_arcs_in_one() -> None:
    assert said(message(1, pdu(0xA0, 5, bound("2.999.3")))).fields["snmp.oids"] == ["2.999.3"]
    assert said(message(1, pdu(0xA0, 5, bound("0.0")))).fields["snmp.oids"] == ["0.0"]


def test_agents_have_errors_of_their_own() -> None:
    assert said(message(1, pdu(0xA2, 5, bound(NAME), 19, 1))).fields["snmp.error_status"] == "unknown-19"


def test_it_is_found_on_other_ports(tmp_path: Path) -> None:
    other = Dialogue(16_100, DIALOGUE.steps, udp=True)
    assert len(told(tmp_path, "network.snmp", *other.packets())) == 6


GET = pdu(0xA0, 5, bound(NAME))


@pytest.mark.parametrize("octets", [
    b"", b"\x30", b"\x30\x80" + message(1, GET)[2:], message(1, GET)[:-1], message(2, GET), message(1, ber(0xA9, b"")),
    message(1, pdu(0xA2, 5, bound(NAME), -1)), message(1, pdu(0xA4, 5, bound(NAME))), message(0, pdu(0xA7, 5, bound())),
    message(1, ber(0xA0, number(1), number(0), number(0), ber(0x30, ber(0x30, ber(6, b"\x81"), b"\5\0")))),
    message(1, ber(0xA0, number(1), number(0), number(0), ber(0x30, ber(0x30, ber(6, b"\x8f" * 6 + b"\1"), b"\5\0")))),
    message(1, ber(0xA0, ber(2, bytes(6)), number(0), number(0), bound())),
    third(2, ber(4, b"x")), third(0, ber(4, b"x")), third(4, scoped(GET), user=bytes(33)),
    # A search of LDAP over UDP begins alike.
    ber(0x30, number(1), ber(0x63, ber(4, b""), b"\x0a\1\0")),
])
def test_what_is_no_message_is_left_alone(octets: bytes) -> None:
    with pytest.raises(NotThis):
        said(octets)

import hashlib
import struct

import pytest

from sensors.capture import tls
from sensors.capture.handshakes import client_hello, server_hello

FINISHED = b"\x14\x03\x03\x00\x01\x01"


def test_a_client_hello() -> None:
    hello = tls.read(client_hello("portal.gov.example") + FINISHED)
    assert hello.client
    assert hello.sealed
    assert hello.fields["tls.client.server_name"] == "portal.gov.example"
    assert hello.fields["hanwatch.tls.client.alpn"] == ["h2", "http/1.1"]
    assert hello.fields["tls.client.supported_ciphers"][0] == "TLS_AES_128_GCM_SHA256"


def test_ja3_is_the_md5_of_its_numbers() -> None:
    text = "771,4865-49195-49199-156,0-10-11-13-16-43,29-23,0"
    expected = hashlib.md5(text.encode()).hexdigest()
    assert tls.read(client_hello("a.example")).fields["tls.client.ja3"] == expected


def test_ja4_is_made_of_its_sorted_parts() -> None:
    middle = hashlib.sha256(b"009c,1301,c02b,c02f").hexdigest()[:12]
    last = hashlib.sha256(b"000a,000b,000d,002b_0403,0804").hexdigest()[:12]
    assert tls.read(client_hello("a.example")).fields["tls.client.ja4"] == f"t13d0406h2_{middle}_{last}"


def test_grease_changes_no_fingerprint() -> None:
    plain = tls.read(client_hello("a.example")).fields
    greased = tls.read(client_hello("a.example", (0x1A1A, 0x1301, 0xC02B, 0xC02F, 0x009C))).fields
    assert greased == plain


def test_a_server_hello() -> None:
    hello = tls.read(server_hello(0xC02F))
    assert not hello.client
    expected = hashlib.md5(b"771,49199,16").hexdigest()
    assert hello.fields == {
        "tls.server.ja3s": expected,
        "tls.cipher": "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
        "tls.next_protocol": "h2",
    }


def test_an_unknown_suite_is_shown_by_its_number() -> None:
    assert tls.read(server_hello(0xFEFE)).fields["tls.cipher"] == "0xfefe"


def test_a_warning_before_the_hello_is_passed() -> None:
    assert not tls.read(b"\x15\x03\x01\x00\x02\x01\x70" + server_hello()).client


def test_a_resumption_by_session_id() -> None:
    def hello(kind: int, session: bytes) -> bytes:
        body = b"\x03\x03" + bytes(32) + bytes([len(session)]) + session
        body += b"\x00\x02\xc0\x2f\x01\x00" if kind == 1 else b"\xc0\x2f\x00"
        message = bytes([kind]) + len(body).to_bytes(3, "big") + body
        return b"\x16\x03\x03" + struct.pack(">H", len(message)) + message + FINISHED

    def resumed(client: bytes, server: bytes) -> bool:
        sides = tls.read(hello(1, client)), tls.read(hello(2, server))
        assert (sides[0].session, sides[1].session) == (client, server)
        return bool(tls.agreed(*sides, same_session=bool(server) and client == server)["tls.resumed"])

    assert resumed(b"s" * 32, b"s" * 32)
    assert not resumed(b"s" * 32, b"t" * 32)
    assert not resumed(b"", b"")


@pytest.mark.parametrize(
    "data",
    [b"", b"\x16\x03\x01", b"GET / HTTP/1.1", client_hello("a.example")[:48], b"\x16\x03\x01\x00\x04\x01\x00\x00\x00"],
)
def test_what_is_no_hello_is_refused(data: bytes) -> None:
    with pytest.raises(tls.NotTls):
        tls.read(data)


def test_a_mutilated_hello_is_read_or_refused() -> None:
    whole = client_hello("portal.gov.example")
    for place in range(len(whole)):
        for value in (0, 1, 127, 255):
            try:
                tls.read(whole[:place] + bytes([value]) + whole[place + 1 :])
            except tls.NotTls:
                continue


@pytest.mark.parametrize("draft", [14, 18, 21])
def test_a_server_that_speaks_an_old_draft_of_1_3_has_no_session(draft: int) -> None:
    """draft-ietf-tls-tls13-18 section 4.1.3: the version is the draft's, and the suite follows the random."""
    body = bytes([0x7F, draft]) + bytes(32) + b"\x13\x01" + bytes(4)
    message = b"\x02" + len(body).to_bytes(3, "big") + body
    hello = tls.read(b"\x16\x03\x01" + len(message).to_bytes(2, "big") + message + FINISHED)
    assert (hello.version, hello.fields["tls.cipher"]) == (0x0304, "TLS_AES_128_GCM_SHA256")
    assert tls.agreed(None, hello, same_session=False) == {"tls.version_protocol": "tls", "tls.version": "1.3"}


def test_a_server_that_speaks_a_late_draft_of_1_3_says_so_in_an_extension() -> None:
    body = b"\x03\x03" + bytes(32) + b"\0" + b"\x13\x01\0" + b"\x00\x06\x00\x2b\x00\x02\x7f\x1c"
    message = b"\x02" + len(body).to_bytes(3, "big") + body
    assert tls.read(b"\x16\x03\x01" + len(message).to_bytes(2, "big") + message).version == 0x0304


@pytest.mark.parametrize("version", [b"\x7f\x00", b"\x7f\x16", b"\x7e\x12"])
def test_other_versions_are_none(version: bytes) -> None:
    message = b"\x02\0\0\x26" + version + bytes(36)
    with pytest.raises(tls.NotTls):
        tls.read(b"\x16\x03\x01" + len(message).to_bytes(2, "big") + message)


def test_a_client_hello_without_a_record() -> None:
    record = client_hello("a.example")
    over_tcp = tls.read(record).fields
    fields = tls.client_hello(record[5:], "q")
    assert fields == {**over_tcp, "tls.client.ja4": "q" + over_tcp["tls.client.ja4"][1:]}
    for broken in (b"", record[5:40], server_hello()[5:], b"\x01\0\0\x28\x04\x03" + bytes(40)):
        with pytest.raises(tls.NotTls):
            tls.client_hello(broken, "q")


@pytest.mark.parametrize("cut", range(1, 60))
def test_a_hello_that_is_cut_off_has_its_name_or_none_and_no_fingerprint(cut: int) -> None:
    try:
        hello = tls.read(client_hello("portal.gov.example")[:-cut])
    except tls.NotTls:
        return
    assert hello.fields["hanwatch.tls.client.incomplete"] is True
    assert not {"tls.client.ja3", "tls.client.ja4"} & hello.fields.keys()
    assert hello.fields.get("tls.client.server_name", "portal.gov.example") == "portal.gov.example"

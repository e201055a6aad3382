from sensors.capture.protocols.security_tokens import said
from tests.sensors.capture.protocols.test_kerberos import number, sequence, ticket, tlv


def pairs(*names: tuple[int, str]) -> bytes:
    octets = [(kind, name.encode("utf-16-le")) for kind, name in (*names, (0, ""))]
    return b"".join(kind.to_bytes(2, "little") + len(name).to_bytes(2, "little") + name for kind, name in octets)


def part(octets: bytes, at: int) -> bytes:
    return len(octets).to_bytes(2, "little") * 2 + at.to_bytes(4, "little")


def challenge(*names: tuple[int, str]) -> bytes:
    information = pairs(*names)
    return (
        b"NTLMSSP\0\x02\0\0\0" + part(b"", 56) + 0x0288_8215.to_bytes(4, "little") + bytes(16)
        + part(information, 56) + b"\x0a\0\x63\x45\0\0\0\x0f" + information
    )


def authenticate(user: str, domain: str, host: str, response: int = 100) -> bytes:
    head, parts, octets = b"NTLMSSP\0\x03\0\0\0", b"", b""
    for one in (bytes(24), bytes(response), *(name.encode("utf-16-le") for name in (domain, user, host)), b""):
        parts += part(one, 72 + len(octets))
        octets += one
    return head + parts + 0x0288_8215.to_bytes(4, "little") + b"\x06\x01\xb1\x1d\0\0\0\x0f" + octets


def test_a_challenge_names_the_server() -> None:
    names = (1, "FILES1"), (2, "CITY"), (3, "files1.city.example"), (4, "city.example"), (5, "city.example")
    assert said(b"\xa1\x81\x10\x30" + challenge(*names)) == {
        "smb.authentication": "NTLM", "ntlm.server_nb_computer_name": "FILES1", "ntlm.server_nb_domain_name": "CITY",
        "ntlm.server_dns_computer_name": "files1.city.example", "ntlm.server_dns_domain_name": "city.example",
        "ntlm.server_tree_name": "city.example", "ntlm.server_version": "10.0.17763",
    }


def test_an_answer_to_it_names_the_user() -> None:
    assert said(authenticate("wang", "CITY", "PC-07")) == {
        "smb.authentication": "NTLM", "user.name": "wang", "user.domain": "CITY", "ntlm.hostname": "PC-07",
        "ntlm.client_version": "6.1.7601", "ntlm.version": "NTLMv2",
    }
    assert said(authenticate("wang", "", "", response=24))["ntlm.version"] == "NTLMv1"
    assert "ntlm.version" not in said(authenticate("", "", "", response=0))


def test_a_ticket_says_its_service() -> None:
    mechanism = bytes.fromhex("06092a864886f7120102020100")
    request = tlv(0x6E, sequence(
        tlv(0xA0, number(5)), tlv(0xA1, number(14)), tlv(0xA2, tlv(0x03, bytes(5))),
        tlv(0xA3, ticket(b"cifs", b"files1", kind=23)),
    ))
    told = said(tlv(0x60, mechanism, request))
    assert told == {
        "smb.authentication": "Kerberos", "kerberos.request_type": "AP", "kerberos.service": "cifs/files1",
        "kerberos.cipher": "rc4-hmac", "kerberos.weak_encryption": True, "kerberos.realm": "CITY.EXAMPLE",
    }
    assert said(tlv(0x60, mechanism, request)[:60]) == {"smb.authentication": "Kerberos"}


def test_tokens_that_lie_about_their_parts_are_borne() -> None:
    full = authenticate("wang", "CITY", "PC-07")
    for size in range(len(full)):
        assert said(full[:size]).keys() <= said(full).keys()
    assert said(b"NTLMSSP\0\x02\0\0\0" + b"\xff" * 60)["smb.authentication"] == "NTLM"
    assert said(b"NTLMSSP\0\x03\0\0\0" + b"\xff" * 60)["smb.authentication"] == "NTLM"
    assert said(b"") == {}

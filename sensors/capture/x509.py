"""What a certificate says about whom, by whom and for how long, read from DER without verifying anything.

RFC 5280 section 4.1 (Certificate, TBSCertificate), X.690 (DER), RFC 4514 (distinguished names as text).
"""

from collections.abc import Iterator
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final

_NAMES: Final = {
    "550403": "CN", "550406": "C", "550407": "L", "550408": "ST", "55040a": "O", "55040b": "OU", "550409": "STREET",
    "550405": "serialNumber", "2a864886f70d010901": "emailAddress", "0992268993f22c640119": "DC",
}
_ESCAPED: Final = str.maketrans({letter: "\\" + letter for letter in ',+"\\<>;'})
_ALTERNATIVE: Final = bytes.fromhex("551d11")
_SEQUENCE: Final = 0x30
_DNS_NAME: Final = 0x82


def _element(data: bytes, at: int) -> tuple[int, int, int]:
    """Tag, beginning and end of the value at `at`."""
    tag, length, at = data[at], data[at + 1], at + 2
    if length & 0x80:
        size = length & 0x7F
        if not 0 < size <= 3:
            raise ValueError("a length of an unknown form")
        length = int.from_bytes(data[at : at + size], "big")
        at += size
    if at + length > len(data):
        raise ValueError("a value is cut off")
    return tag, at, at + length


def _children(data: bytes, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    while at < end:
        tag, begins, at = _element(data, at)
        if at > end:
            raise ValueError("a value leaves its frame")
        yield tag, begins, at


def _text(tag: int, octets: bytes) -> str:
    """A string of one of ASN.1's kinds: BMPString is two octets a letter, the others are read as UTF-8."""
    if tag == 0x1E:
        return octets.decode("utf-16-be", "backslashreplace").encode("utf-8", "backslashreplace").decode()
    return octets.decode("utf-8", "backslashreplace")


@lru_cache(maxsize=1_024)
def _name(data: bytes) -> tuple[str, str]:
    """A distinguished name as RFC 4514 writes it (last part first), and its common name; few issue for many."""
    parts: list[str] = []
    common = ""
    for _, set_at, set_end in _children(data, 0, len(data)):
        for _, pair_at, pair_end in _children(data, set_at, set_end):
            (_, oid_at, oid_end), (tag, value_at, value_end) = list(_children(data, pair_at, pair_end))[:2]
            key = _NAMES.get(data[oid_at:oid_end].hex(), "OID." + data[oid_at:oid_end].hex())
            value = _text(tag, data[value_at:value_end])
            if key == "CN":
                common = value
            parts.append(f"{key}={value.translate(_ESCAPED)}")
    return ",".join(reversed(parts)), common


def _moment(tag: int, octets: bytes) -> str:
    """A UTCTime or GeneralizedTime in UTC as ISO 8601 text; empty if it is neither."""
    text = octets.decode("ascii", "replace")
    if tag == 0x17 and len(text) == 13:
        text = ("19" if text[:2] >= "50" else "20") + text
    if len(text) != 15 or not text[:14].isdigit() or text[14] != "Z":
        return ""
    return f"{text[:4]}-{text[4:6]}-{text[6:8]}T{text[8:10]}:{text[10:12]}:{text[12:14]}.000Z"


def _alternatives(data: bytes, at: int, end: int) -> list[str]:
    """The DNS names of the subject's alternative names in the extensions."""
    for _, list_at, list_end in _children(data, at, end):
        for _, one_at, one_end in _children(data, list_at, list_end):
            parts = list(_children(data, one_at, one_end))
            if data[parts[0][1] : parts[0][2]] != _ALTERNATIVE:
                continue
            _, inner, _ = parts[-1]
            _, names_at, names_end = _element(data, inner)
            return [
                data[begins:ends].decode("ascii", "backslashreplace")
                for tag, begins, ends in _children(data, names_at, names_end)
                if tag == _DNS_NAME
            ]
    return []


@lru_cache(maxsize=1_024)
def describe(certificate: bytes) -> dict[str, Any]:
    """The ECS fields of a server's certificate, below `tls.server`; only the hash where it cannot be read."""
    fields: dict[str, Any] = {"tls.server.hash.sha256": sha256(certificate).hexdigest().upper()}
    try:
        _, at, _ = _element(certificate, 0)
        _, at, end = _element(certificate, at)
        parts = list(_children(certificate, at, end))
        if parts[0][0] == 0xA0:
            parts = parts[1:]
        serial, _, issuer, validity, subject = parts[:5]
        issuer_text, _ = _name(certificate[issuer[1] : issuer[2]])
        subject_text, common = _name(certificate[subject[1] : subject[2]])
        begins, ends = [
            _moment(tag, certificate[first:last])
            for tag, first, last in _children(certificate, validity[1], validity[2])
        ][:2]
        names = next((_alternatives(certificate, a, e) for tag, a, e in parts[5:] if tag == 0xA3), [])
    except (ValueError, IndexError):
        return fields
    fields["tls.server.issuer"] = issuer_text
    fields["tls.server.subject"] = subject_text
    number = certificate[serial[1] : serial[2]].hex().upper()
    fields["tls.server.x509.serial_number"] = number.removeprefix("00") or "00"
    if begins and ends:
        fields["tls.server.not_before"], fields["tls.server.not_after"] = begins, ends
    if common:
        fields["tls.server.x509.subject.common_name"] = [common]
    if names:
        fields["tls.server.x509.alternative_names"] = names
    return fields

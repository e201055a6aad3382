import pytest

from sensors.capture.protocols.model import MOST_VALUES, NotThis
from sensors.capture.protocols.names import domains, duid, ipv4, ipv6, ipv6_list, prefix6, told


def test_names_are_read_one_after_another_and_through_pointers() -> None:
    assert domains(b"\x03gov\x07example\0\x04mail\xc0\x00") == ["gov.example", "mail.gov.example"]
    assert domains(b"\x03gov\x07example\0\0\0\0") == ["gov.example"]
    assert domains(b"\x02pc") == ["pc"]


@pytest.mark.parametrize("octets", [
    b"\x05ab", b"\x40" + bytes(70), b"\xc0", b"\xc0\x00", b"\x3f" + b"a" * 63 + b"\xc0\0",
])
def test_what_leads_nowhere_or_has_no_end_is_no_name(octets: bytes) -> None:
    with pytest.raises(NotThis):
        domains(octets)


def test_of_many_names_no_more_are_read_than_it_takes_to_see_that_there_are_more() -> None:
    assert len(domains(b"\x01a\0" * 5_000)) == MOST_VALUES + 1
    assert len(ipv6_list(bytes(16) * 3_000)) == MOST_VALUES + 1


def test_what_is_no_text_is_told_in_hexadecimal_and_bounded() -> None:
    assert told("值 7".encode() + b"\0\0") == "值 7"
    assert told(b"a\nb") == "610a62"
    assert told(b"\xff" * 5_000) == "ff" * 256


def test_addresses_have_their_size() -> None:
    assert ipv4(b"\xc0\0\2\1") == "192.0.2.1"
    assert ipv6(b"\x20\x01\x0d\xb8" + bytes(11) + b"\1") == "2001:db8::1"
    assert prefix6(b"\x20\x01\x0d\xb8", 32) == "2001:db8::/32"
    for wrong in (lambda: ipv4(b"\1"), lambda: ipv6(b"\1"), lambda: prefix6(b"", 129), lambda: ipv6_list(bytes(17))):
        with pytest.raises(NotThis):
            wrong()


def test_a_duid_tells_the_hardware_address_that_it_is_made_of() -> None:
    assert duid(bytes.fromhex("000300010200000000aa")) == ("000300010200000000aa", "02-00-00-00-00-AA")
    assert duid(bytes.fromhex("000100012c3d4e5f0200000000aa"))[1] == "02-00-00-00-00-AA"
    assert duid(bytes.fromhex("0002000000090cc084d3"))[1] == ""
    with pytest.raises(NotThis):
        duid(b"\0\3")

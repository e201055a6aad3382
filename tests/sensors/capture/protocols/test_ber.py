import pytest

from sensors.capture.protocols.ber import element, elements, inside, number, tagged
from sensors.capture.protocols.model import NotThis


def test_lengths_of_one_and_of_several_octets() -> None:
    assert element(b"\x04\x03abc", 0, 5) == (0x04, 2, 5)
    assert element(b"\x04\x81\x80" + bytes(128), 0, 131) == (0x04, 3, 131)
    assert element(b"\x7f\x65\x82\x00\x01x", 0, 6) == (0x7F65, 5, 6)


@pytest.mark.parametrize(
    "octets",
    [
        b"", b"\x04", b"\x04\x05abc", b"\x04\x80", b"\x04\x85\0\0\0\0\1x", b"\x04\x84\xff\xff\xff\xff", b"\x7f\x65",
        b"\x7f",
    ],
)
def test_what_ends_too_early_or_has_no_length_is_no_element(octets: bytes) -> None:
    with pytest.raises(NotThis):
        element(octets, 0, len(octets))


def test_elements_by_tag_and_numbers() -> None:
    octets = b"\xa0\x03\x02\x01\x05\xa1\x04\x02\x02\xff\x7b\xa0\x00"
    parts = tagged(octets, 0, len(octets))
    assert [number(octets, *parts[tag]) for tag in (0xA0, 0xA1)] == [5, -133]
    with pytest.raises(NotThis):
        number(octets, 0, len(octets))
    with pytest.raises(NotThis):
        inside(octets, 0, len(octets), 0x30)
    with pytest.raises(NotThis):
        number(b"\x02\x09" + bytes(9), 0, 11)


def test_many_elements_are_bounded() -> None:
    octets = b"\x05\x00" * 5_000
    assert len(list(elements(octets, 0, len(octets)))) == 128

import pytest

from inventory.networks.errors import PrefixUnusable
from inventory.networks.model import Span, address_of, length_of, network_of, span_of


def test_prefixes_addresses_and_ranges_are_spans() -> None:
    assert span_of(" 10.0.0.0/30 ") == Span(4, 167_772_160, 167_772_163)
    assert span_of("10.0.0.1") == Span(4, 167_772_161, 167_772_161)
    assert span_of("10.0.0.1 - 10.0.0.9") == Span(4, 167_772_161, 167_772_169)
    assert span_of("2001:db8::/127") == Span(6, 0x20010DB8 << 96, (0x20010DB8 << 96) + 1)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("10.0.0.1/24", "prefix-host-bits"), ("x", "prefix-text"), ("", "prefix-text"), ("10.0.0.0/33", "prefix-text"),
        ("10.0.0.9-10.0.0.1", "prefix-range"), ("10.0.0.1-::1", "prefix-range"), ("1-2-3", "prefix-text"),
    ],
)  # fmt: skip
def test_what_is_no_prefix_is_told(text: str, reason: str) -> None:
    with pytest.raises(PrefixUnusable) as told:
        span_of(text)
    assert told.value.parameters["reason"] == reason


def test_lengths_hold_their_sizes() -> None:
    assert [length_of(4, size) for size in (1, 2, 3, 256, 257)] == [32, 31, 30, 24, 23]
    assert str(network_of(6, 0x20010DB8 << 96, 32)) == "2001:db8::/32"
    assert str(address_of(4, 167_772_161)) == "10.0.0.1"

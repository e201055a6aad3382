"""Inside and abroad."""

import pytest

from correlation.detectors.places import Places
from correlation.settings import PRIVATE


@pytest.mark.parametrize(("source", "destination", "leaves"), [
    ("10.1.1.1", "45.9.1.1", True), ("fd00::1", "2400:3200::1", True), ("10.1.1.1", "192.168.1.1", False),
    ("45.9.1.1", "10.1.1.1", False), ("10.1.1.1", "255.255.255.255", False), ("10.1.1.1", "224.0.0.251", False),
    ("fe80::1", "ff02::1", False), ("10.1.1.1", "nobody", False), ("", "45.9.1.1", False),
])  # fmt: skip
def test_a_conversation_leaves_when_it_goes_from_ours_to_a_host_that_is_not(
    source: str, destination: str, *, leaves: bool
) -> None:
    assert Places(PRIVATE).leaves(source, destination) is leaves

import pytest

from correlation.intelligence.model import Assumed, Indicator, marking_of
from tests.correlation.intelligence.making import make


def test_an_id_is_derived_from_provider_and_value() -> None:
    one, same, other = make("a.example"), make("A.example"), make("a.example", provider="other")
    assert one.id == same.id != other.id
    assert make("a.example", id="indicator--1").id == "indicator--1"


@pytest.mark.parametrize("wrong", [{"confidence": 101}, {"kind": "mutex"}, {"marking": "WHITE"}, {"provider": ""}])
def test_what_cannot_be_an_indicator_is_refused(wrong: dict[str, object]) -> None:
    said: dict[str, object] = {"kind": "domain", "value": "a.example", "provider": "p", "confidence": 1, "seen": 0}
    with pytest.raises(ValueError, match=r"."):
        Indicator(**(said | wrong))  # type: ignore[arg-type]


def test_markings_of_both_versions_are_known() -> None:
    assert [marking_of(text) for text in ("TLP:WHITE", "tlp:amber+strict", "red", "secret")] == [
        "CLEAR", "AMBER+STRICT", "RED", "",
    ]  # fmt: skip


def test_a_named_provider_counts_whatever_the_feed_says() -> None:
    assert Assumed("a", 1, 0).provider_of("b") == "b"
    assert Assumed("a", 1, 0, stated=True).provider_of("b") == "a"

"""A cache answers as its function does and never grows beyond its bound."""

from sensors.parsers.caches import CACHE_KEY_LENGTH, Bounded


def test_it_asks_once_and_forgets_the_oldest() -> None:
    asked: list[str] = []

    def upper(text: str) -> str:
        asked.append(text)
        return text.upper()

    cache: Bounded[str, str] = Bounded(upper, entries=8)
    assert [cache[str(number)] for number in range(100)] == [str(number) for number in range(100)]
    assert len(cache) <= 8
    assert cache["99"] == "99"
    assert asked.count("99") == 1


def test_long_keys_are_not_kept() -> None:
    cache: Bounded[str, int] = Bounded(len)
    assert cache["x" * (CACHE_KEY_LENGTH + 1)] == CACHE_KEY_LENGTH + 1
    assert not cache

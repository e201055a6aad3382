import pytest

from correlation.context.model import KEYS
from correlation.context.values import HEADINGS, READERS, UnusableError
from sensors.event.times import from_iso


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("grade", "3", 3), ("grade", "三级", 3), ("grade", "第二级", 2), ("grade", "4级", 4),
        ("cii", "是", True), ("cii", "False", False), ("cii", "YES", True), ("cii", "0", False),
        ("domain", "政务外网", "extranet"), ("domain", "IoT", "iot"), ("domain", "工控", "ot"),
        ("host", "WEB01", "web01"), ("unit", "市卫健委", "市卫健委"),
        ("valid_from", "2026-3-1", from_iso("2026-03-01")), ("valid_from", "2026/03/01", from_iso("2026-03-01")),
        ("valid_to", "2026/3/1", from_iso("2026-03-02")),
        ("valid_to", "2026-03-01T08:00:00+08:00", from_iso("2026-03-01")),
        ("valid_from", "2026/3/1 08:30", from_iso("2026-03-01T08:30:00")),
    ],
)  # fmt: skip
def test_texts_mean_values(key: str, text: str, value: object) -> None:
    assert READERS[key](text) == value


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("grade", "0"), ("grade", "6"), ("grade", "three"), ("grade", "３"), ("cii", "maybe"), ("domain", "cloud"),
        ("network", "10.1.1.1/8"), ("valid_from", "soon"), ("valid_to", "2026-02-30"), ("valid_to", "9999-12-31"),
        ("valid_from", "1969-01-01"), ("valid_from", "2026-03-01Tmorning"), ("unit", "x" * 1_001),
    ],
)  # fmt: skip
def test_what_means_nothing_is_refused(key: str, text: str) -> None:
    with pytest.raises(UnusableError, match=r"^context-"):
        READERS[key](text)


def test_headings_lead_to_keys() -> None:
    assert set(HEADINGS.values()) == set(KEYS)
    assert set(READERS) == set(KEYS)

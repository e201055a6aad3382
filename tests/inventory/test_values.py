import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.model import Field, Kind, Words
from inventory.registers import registers
from inventory.values import UnusableError, read, spell


def _field(kind: Kind) -> Field:
    choices = {"running": Words("在用", "running"), "retired": Words("下线", "retired")} if kind == "choice" else {}
    register = "units" if kind.startswith("reference") else ""
    return Field("one", kind, Words("一", "one"), choices=choices, register=register)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("text", " 市 局 ", "市 局"),
        ("text", "", None),
        ("integer", "3", 3),
        ("integer", "１００，０００", 100_000),
        ("integer", "12.0", 12),
        ("integer", "三级", 3),
        ("integer", "第三级", 3),
        ("integer", "3级", 3),
        ("decimal", "1,234.5", 1_234.5),
        ("decimal", "1e3", 1_000.0),
        ("flag", "是", True),
        ("flag", "No", False),
        ("day", "2026年3月1日", "2026-03-01"),
        ("choice", "在用", "running"),
        ("choice", "Running", "running"),
        ("reference", "市大数据局", "市大数据局"),
        ("references", "文化、旅游局；卫健委", ["文化、旅游局", "卫健委"]),
        ("network", "10.0.0.0/255.0.0.0", "10.0.0.0/8"),
        ("network", "2400:DA00::/32", "2400:da00::/32"),
        ("network", "10.1.2.3", "10.1.2.3/32"),
        ("addresses", "10.0.0.1，10.0.0.2; 2400:DA00::1 10.0.0.1", ["10.0.0.1", "10.0.0.2", "2400:da00::1"]),
        ("mac", "00-1A-2B-3C-4D-5E", "00:1a:2b:3c:4d:5e"),
        ("mac", "001a.2b3c.4d5e", "00:1a:2b:3c:4d:5e"),
        ("domain", "Host-1.Wuhan.GOV.cn.", "host-1.wuhan.gov.cn"),
        ("url", "www.wuhan.gov.cn", "http://www.wuhan.gov.cn"),
        ("url", "HTTPS://WWW.wuhan.gov.cn:443/", "https://www.wuhan.gov.cn"),
        ("url", "http://[2400:da00::1]:8080/a?b=c", "http://[2400:da00::1]:8080/a?b=c"),
        ("texts", "a; b；a", ["a", "b"]),
    ],
)  # fmt: skip
def test_cells_are_read_as_people_write_them(kind: Kind, text: str, value: object) -> None:
    field = _field(kind)
    assert read(field, text) == value
    assert read(field, spell(field, value)) == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("text", "a\0b"), ("text", "x" * 4_001), ("integer", "3.5"), ("integer", "9" * 20), ("integer", "六级"),
        ("decimal", "nan"), ("decimal", "1e999"), ("flag", "maybe"), ("day", "2026-02-30"), ("choice", "unknown"),
        ("network", "10.0.0.1/8"), ("network", "10/8"), ("addresses", "10.0.0.256"), ("addresses", "fe80::1%eth0"),
        ("mac", "00:1a:2b"), ("domain", "a..b"), ("url", "ftp://a"), ("url", "http://u:p@a/"), ("url", "http://[a"),
        ("texts", ";".join(map(str, range(1_001)))),
    ],
)  # fmt: skip
def test_what_is_not_meant_for_sure_is_refused(kind: Kind, text: str) -> None:
    with pytest.raises(UnusableError):
        read(_field(kind), text)


@given(st.text(max_size=60))
def test_no_text_breaks_a_reader_and_what_is_read_can_be_written(text: str) -> None:
    for register in registers().values():
        for field in register.fields[:8]:
            try:
                value = read(field, text)
            except UnusableError:
                continue
            assert read(field, spell(field, value)) == value

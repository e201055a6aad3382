import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.vulnerabilities.cpe import ANY, NA, Cpe, compare, parse, plain, quoted, relation
from inventory.vulnerabilities.errors import CpeUnusable


def test_a_formatted_string_is_read_and_written() -> None:
    text = r"cpe:2.3:a:hp:insight_diagnostics:7.4.0.1570:-:*:*:online:win2003:x64:*"
    name = parse(text)
    assert (name.vendor, name.version, name.update, name.sw_edition, name.target_hw) == (
        "hp", "7.4.0.1570", NA, "online", "x64",
    )  # fmt: skip
    assert str(name) == text


def test_quoted_characters_are_kept_and_needless_quoting_is_not() -> None:
    name = parse(r"cpe:2.3:a:foo\\bar:big\$money_2010:8\.0:*:*:*:*:*:*:*")
    assert plain(name.vendor) == r"foo\bar"
    assert plain(name.product) == "big$money_2010"
    assert name.version == "8.0"
    assert parse(str(name)) == name
    assert parse(r"cpe:2.3:a:x:a\:b:*:*:*:*:*:*:*:*").product == r"a\:b"


def test_the_older_uri_is_read_with_what_its_edition_packs() -> None:
    name = parse("cpe:/a:hp:openview_network_manager:7.51::~~online~linux~x64~")
    assert (name.update, name.edition, name.sw_edition, name.target_sw, name.target_hw, name.other) == (
        ANY, ANY, "online", "linux", "x64", ANY,
    )  # fmt: skip
    assert parse("cpe:/a:hp:insight:7.4%02").version == "7.4*"
    assert parse("cpe:/a:x:%7e").product == r"\~"
    assert parse("cpe:/o:linux").product == ANY


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("nginx 1.2", "cpe-no-name"), ("cpe:2.3:a:b", "cpe-parts"), ("cpe:2.3:x:b:c:1:*:*:*:*:*:*:*", "cpe-part"),
        ("cpe:2.3:a:b:c d:1:*:*:*:*:*:*:*", "cpe-value"), ("cpe:2.3:a:b:c*d:1:*:*:*:*:*:*:*", "cpe-value"),
        ("cpe:2.3:a:b:c:1:*:*:*:*:*:*:*:*", "cpe-parts"), ("cpe:/a:b:c:1:2:3:4:5", "cpe-parts"),
        ("cpe:2.3:" + "a" * 3000, "cpe-too-long"),
    ],
)  # fmt: skip
def test_what_is_no_name_is_told(text: str, reason: str) -> None:
    with pytest.raises(CpeUnusable) as told:
        parse(text)
    assert told.value.parameters["reason"] == reason


TABLE = [  # table 6-2 of NISTIR 7696, in its order
    (ANY, ANY, "equal"), (ANY, NA, "superset"), (ANY, "foo", "superset"), (ANY, "f*", "undefined"),
    (NA, ANY, "subset"), (NA, NA, "equal"), (NA, "foo", "disjoint"), (NA, "f*", "undefined"),
    ("foo", "foo", "equal"), ("foo", "bar", "disjoint"), ("foo", "f*", "undefined"), ("foo", NA, "disjoint"),
    ("foo", ANY, "subset"), ("f*", "foo", "superset"), ("f*", "bar", "disjoint"), ("f*", ANY, "subset"),
    ("f*", NA, "disjoint"), ("f*", "f*", "undefined"),
    ("fo?", "foo", "superset"), ("fo?", "fo", "superset"), ("fo?", "fooo", "disjoint"), ("??o", "foo", "superset"),
    ("*1.2", "11.2", "superset"), (r"f\*", "foo", "disjoint"), (r"f\*", r"f\*", "equal"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "target", "expected"), TABLE)
def test_attributes_relate_as_the_table_says(source: str, target: str, expected: str) -> None:
    assert compare(source, target) == expected


def test_names_relate_by_their_attributes() -> None:
    every = parse("cpe:2.3:a:apache:tomcat:*:*:*:*:*:*:*:*")
    one = parse("cpe:2.3:a:apache:tomcat:9.0.1:*:*:*:*:*:*:*")
    other = parse("cpe:2.3:a:apache:tomcat:*:*:*:*:*:*:x64:*")
    assert relation(every, one) == "superset"
    assert relation(one, every) == "subset"
    assert relation(every, every) == "equal"
    assert relation(one, other) == "undefined"
    assert relation(one, parse("cpe:2.3:a:apache:struts:9.0.1:*:*:*:*:*:*:*")) == "disjoint"


@pytest.mark.parametrize(
    ("text", "version"),
    [("8.5:p1", "8.5p1"), ("*:*", ""), ("-:*", "-"), ("2.4:-", "2.4"), ("9.0.0:m1", "9.0.0m1"), ("2.4:1", "2.4.1")],
)
def test_version_and_update_are_one_text(text: str, version: str) -> None:
    assert parse(f"cpe:2.3:a:x:y:{text}:*:*:*:*:*:*").full_version() == version


@given(st.lists(st.text(st.characters(codec="ascii"), min_size=1, max_size=12), min_size=10, max_size=10))
def test_any_text_can_be_quoted_and_comes_back(texts: list[str]) -> None:
    texts = [text for text in ("_".join(text.lower().split()) for text in texts) if text and text.isprintable()]
    name = Cpe("a", *(quoted(text) for text in texts))
    assert parse(str(name)) == name
    assert [plain(value) for value in name.attributes()[1 : 1 + len(texts)]] == texts


@given(st.text(max_size=80))
def test_hostile_text_is_a_name_or_told(text: str) -> None:
    for said in (text, f"cpe:2.3:{text}", f"cpe:/{text}", "cpe:2.3:a:" + text + ":*" * 9):
        try:
            name = parse(said)
        except CpeUnusable:
            continue
        assert parse(str(name)) == name

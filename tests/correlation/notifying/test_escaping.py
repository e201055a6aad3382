"""Values that an attacker chose, in every form."""

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from correlation.notifying.escaping import Link, cef_header, cef_value, fit, html, markdown, one_line

hostile = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("\r\n\x00\x1b\u202e\u2028\ud800\\|=<>&\"'`*_[]()#~!@:/ 中"),
    ),
    max_size=500,
)


@given(hostile)
def test_a_value_is_one_line_of_visible_letters_and_can_be_written(text: str) -> None:
    seen = one_line(text)
    assert len(seen) <= 300
    assert len(seen.splitlines()) <= 1
    assert seen.isprintable()
    seen.encode()
    assert one_line(seen) == seen


@given(hostile)
def test_html_holds_no_markup_and_reads_back(text: str) -> None:
    found: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            raise AssertionError(tag, attrs)

        def handle_data(self, data: str) -> None:
            found.append(data)

    reader = Reader()
    reader.feed(f"{html(text)}")
    reader.close()
    assert "".join(found) == one_line(text)
    assert not set('"<>') & set(html(text)), "nor does it end an attribute"


@given(hostile)
def test_markdown_has_no_sign_that_means_anything(text: str) -> None:
    seen = markdown(text)
    assert not set('\\`*_{}[]()<>#~|!&"\r\n') & set(seen)
    assert "://" not in seen


def test_only_addresses_of_our_own_stay_links() -> None:
    assert markdown(Link("https://console.example/a_b")) == "https://console.example/a_b"
    assert markdown("https://evil.example") == "https：//evil.example"


@given(hostile)
def test_cef_fields_cannot_end_early(text: str) -> None:
    for seen, signs in ((cef_header(text), "|"), (cef_value(text), "=")):
        plain = seen.replace("\\\\", "")
        for sign in signs:
            assert sign not in plain.replace(f"\\{sign}", "")
        assert not plain.replace("\\|", "").replace("\\=", "").endswith("\\")


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=400), st.integers(20, 200))
def test_what_is_too_long_is_cut_between_letters(text: str, most: int) -> None:
    seen = fit(text, most, "…")
    assert len(seen.encode()) <= most
    assert seen == text or seen.endswith("…")


def test_whole_lines_are_kept_while_there_are_any() -> None:
    assert fit("one\ntwo\nthree", 12, "…") == "one\ntwo\n…"

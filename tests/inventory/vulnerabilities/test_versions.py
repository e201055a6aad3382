import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.vulnerabilities.versions import Version, compared, version_of

ORDERED = [
    ("0.9.8zh", "1.0.0"), ("1.0.2", "1.0.2k"), ("1.0.2k", "1.0.2l"), ("1.0.2z", "1.0.2za"), ("1.0.2za", "1.0.2zh"),
    ("1.0.2m", "1.0.2n"), ("1.0.2zh", "1.1.0"), ("1.1.1-pre9", "1.1.1"), ("3.0.0-alpha17", "3.0.0-beta1"),
    ("8.5", "8.5p1"), ("8.5p1", "8.5p2"), ("8.5p2", "8.6"), ("2.4.9", "2.4.10"), ("2.4.57", "2.4.57-2"),
    ("2.4.57-2", "2.4.57-10"), ("9.0.0.M1", "9.0.0.M27"), ("9.0.0.M27", "9.0.0"), ("10.1.0-M5", "10.1.0"),
    ("1.0~rc1-1", "1.0-1"), ("9.9", "1:1.0"), ("1:1.0", "2:0.1"), ("3.0b1", "3.0"), ("5.0.0-rc.1", "5.0.0-rc.2"),
    ("1.0-SNAPSHOT", "1.0"), ("10.0.17763.1", "10.0.17763.5329"), ("V200R019C10", "V200R021C00"),
    ("V200R021C00", "V200R021C00SPC100"), ("V200R021C00SPC100", "V200R021C10"), ("1.8.0_291", "1.8.0_302"),
    ("8.0.36-0ubuntu0.20.04.1", "8.0.36-0ubuntu0.22.04.1"), ("20240131", "20240201"),
]  # fmt: skip
SAME = [("1.0", "1.0.0"), ("v1.2.3", "1.2.3"), ("5.3.0.RELEASE", "5.3"), ("1.0-RC1", "1.0.0-rc1"), ("02.10", "2.10")]


def of(text: str) -> Version:
    found = version_of(text)
    assert found is not None, text
    return found


@pytest.mark.parametrize(("less", "more"), ORDERED)
def test_known_cases_stand_in_order(less: str, more: str) -> None:
    assert of(less) < of(more)
    assert not of(more) <= of(less)


@pytest.mark.parametrize(("one", "other"), SAME)
def test_spellings_of_one_version_are_equal(one: str, other: str) -> None:
    assert of(one) == of(other)
    assert hash(of(one)) == hash(of(other))


@pytest.mark.parametrize("text", ["", "*", "-", "未知", "n/a", "   ", "1" * 300, "…", "latest"])
def test_what_says_no_version_is_none(text: str) -> None:
    assert version_of(text) is None


def test_a_bound_counts_as_far_as_it_says() -> None:
    assert compared(of("1:2.4.57-2+deb12u1"), of("2.4.57")) == 0
    assert compared(of("2.4.57-2"), of("2.4.57-3")) == -1
    assert compared(of("1:1.0"), of("2:0.5")) == -1
    assert compared(of("2.4.58"), of("2.4.57-3")) == 1


@pytest.mark.parametrize(
    "text", ["1.1.1k-12.el8_9", "2.4.41-4ubuntu3.14", "7.4p1-10+deb9u7", "1.2-3.oe2203", "1.2.ky10"]
)
def test_what_a_distribution_packed_is_marked(text: str) -> None:
    assert of(text).packed


spelled = st.one_of(
    st.from_regex(
        r"([0-9]:)?[0-9]{1,3}(\.[0-9]{1,2}){0,3}([-~+._]?(rc|beta|a|b|p|M|el|final)?[0-9]{0,2}){0,2}", fullmatch=True
    ),
    st.text(max_size=20),
)


@given(spelled, spelled, spelled)
def test_the_order_is_total(one: str, two: str, three: str) -> None:
    known = [version for text in (one, two, three) if (version := version_of(text))]
    for left in known:
        for right in known:
            assert (left < right) + (left == right) + (left > right) == 1
            for last in known:
                assert not (left <= right <= last and left > last)


@given(spelled)
def test_a_version_is_equal_to_itself_and_less_than_one_more(text: str) -> None:
    version = version_of(text)
    if version is not None:
        assert compared(version, version) == 0
        assert version_of(text.upper()) == version_of(text.lower()) or not text.isascii()

"""The language: what is typed, and the tree or the error that it gives."""

import pytest

from correlation.query.errors import QuerySyntax, QueryTooLong, QueryUnsupported
from correlation.query.parsing import DEEPEST_GROUP, LONGEST_QUERY, MOST_PARTS, parse
from correlation.query.tree import And, Everything, Exists, Node, Not, Or, Phrase, Range, Term
from sensors.event.times import SECOND

NOW = 1_767_225_600 * SECOND  # 2026-01-01T00:00:00Z


def _range(field: str, low: str | None, high: str | None, ends: str = "[]") -> Range:
    return Range(field, low, high, low_included=ends[0] == "[", high_included=ends[1] == "]")


def _t(value: str, field: str | None = None) -> Term:
    return Term(field, value)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", Everything()),
        ("  ", Everything()),
        ("*", Everything()),
        ("*:*", Everything()),
        ("word", _t("word")),
        ("失败", _t("失败")),
        ('"a phrase"', Phrase(None, "a phrase")),
        ("user.name:a", _t("a", "user.name")),
        ('user.name:"a b"', Phrase("user.name", "a b")),
        ('user.name:"a \\"b\\" \\\\c"', Phrase("user.name", 'a "b" \\c')),
        ("user.name:a*b?", Term("user.name", "a*b?", wild=True)),
        ("user.name:a\\*b", _t("a*b", "user.name")),
        ("user.name:a\\*b*", Term("user.name", "a\\*b*", wild=True)),
        ("user.name:*", Exists("user.name")),
        ("_exists_:user.name", Exists("user.name")),
        ("a\\:b:c", _t("c", "a:b")),
        ("process.executable:C\\:\\\\x", _t("C:\\x", "process.executable")),
        ("x:10.0.0.0/8", _t("10.0.0.0/8", "x")),
        ("source.ip:2001:db8::1", _t("2001:db8::1", "source.ip")),
        ("source.ip:2001:db8::/32", _t("2001:db8::/32", "source.ip")),
        ("source.ip:::1", _t("::1", "source.ip")),
        ("::1", _t("::1")),
        ('"::1"', Phrase(None, "::1")),
        ("source.ip:[::1 TO ::5]", _range("source.ip", "::1", "::5")),
        ("source.ip:(::1 OR ::2)", Or((_t("::1", "source.ip"), _t("::2", "source.ip")))),
        ("a:[1 TO 5]", _range("a", "1", "5")),
        ("a:{1 TO 5}", _range("a", "1", "5", "{}")),
        ("a:[1 TO 5}", _range("a", "1", "5", "[}")),
        ("a:[-5 TO *]", _range("a", "-5", None)),
        ('a:["x y" TO z]', _range("a", "x y", "z")),
        ("a:[* TO *]", Exists("a")),
        ("a:>5", _range("a", "5", None, "{}")),
        ("a:>=5", _range("a", "5", None, "[}")),
        ("a:<5", _range("a", None, "5", "{}")),
        ("a:<=5", _range("a", None, "5", "{]")),
        ("process.pid:-5", _t("-5", "process.pid")),
        ("a b", Or((_t("a"), _t("b")))),
        ("a OR b", Or((_t("a"), _t("b")))),
        ("a AND b OR c", Or((And((_t("a"), _t("b"))), _t("c")))),
        ("a OR b AND c", Or((_t("a"), And((_t("b"), _t("c")))))),
        ("(a OR b) AND c", And((Or((_t("a"), _t("b"))), _t("c")))),
        ("NOT a AND b", And((Not(_t("a")), _t("b")))),
        ("a AND NOT b", And((_t("a"), Not(_t("b"))))),
        ("a -b", And((_t("a"), Not(_t("b"))))),
        ("-a", Not(_t("a"))),
        ("-a -b", And((Not(_t("a")), Not(_t("b"))))),
        ("+a b", _t("a")),
        ("+a +b c -d", And((_t("a"), _t("b"), Not(_t("d"))))),
        ("f:(a OR (b AND NOT c))", Or((_t("a", "f"), And((_t("b", "f"), Not(_t("c", "f"))))))),
        ("f:(a g:b)", Or((_t("a", "f"), _t("b", "g")))),
        ("@timestamp:now-1h", _t("2025-12-31T23:00:00.000Z", "@timestamp")),
        ("user.name:now-1h", _t("now-1h", "user.name")),
        (
            "@timestamp:[now-7d/d TO now]",
            _range("@timestamp", "2025-12-25T00:00:00.000Z", "2026-01-01T00:00:00.000Z"),
        ),
        ("@timestamp:[2026-01-01T08:00:00.5 TO *]", _range("@timestamp", "2026-01-01T08:00:00.5", None)),
        ("TO", _t("TO")),
        ("and", _t("and")),
    ],
)  # fmt: skip
def test_what_is_typed(text: str, tree: Node) -> None:
    assert parse(text, NOW) == tree


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("a AND", 6), ("a AND AND b", 7), ("(a", 3), ("a)", 2), ("f:", 3), ('"open', 1), ("a \\", 3), ("f:[1 TO", 8),
        ("_exists_:(a b)", 10), ("@timestamp:now-1x", 12), ("source.ip:2001:db8::1 AND )", 27), ("f:]", 3),
        ("_exists_:a*", 10),
    ],
)  # fmt: skip
def test_errors_name_their_column(text: str, column: int) -> None:
    with pytest.raises(QuerySyntax) as raised:
        parse(text, NOW)
    assert raised.value.parameters["column"] == column
    assert raised.value.parameters["near"] == text[column - 1 : column + 19]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("/a.*b/", "/regular expression/"), ("f:/a/", "/regular expression/"), ("roam~", "fuzzy~"),
        ('"a b"~3', '"proximity"~'), ("a^2", "boost^"), ("a && b", "&& (AND)"), ("a || b", "|| (OR)"),
        ("!a", "! (NOT)"),
        ("us*r:a", "field*:"), ("[1 TO 2]", "[a TO b]"), (">5", "[a TO b]"),
    ],
)  # fmt: skip
def test_what_stores_would_answer_differently_is_refused(text: str, what: str) -> None:
    with pytest.raises(QueryUnsupported) as raised:
        parse(text)
    assert raised.value.parameters["what"] == what
    assert raised.value.parameters["column"] in (1, 3)


def test_relative_times_need_a_clock() -> None:
    with pytest.raises(QuerySyntax):
        parse("@timestamp:>now-1h")


def test_what_is_too_long_is_refused() -> None:
    for text in (
        "a" * (LONGEST_QUERY + 1),
        " ".join(["a"] * (MOST_PARTS + 1)),
        "(" * (DEEPEST_GROUP + 2) + "a" + ")" * (DEEPEST_GROUP + 2),
        "-" * 3_000 + "a",
        "NOT " * 2_000 + "a",
    ):
        with pytest.raises(QueryTooLong):
            parse(text)
    parse(" ".join(["a"] * (MOST_PARTS - 10)))

from correlation.context.documents import read_csv, read_yaml

YAML = """\
spaces:
  - {name: a, vlan: [100, 101], source: "*cloud*"}
entries:
  - network: 2001:db8::/32
    grade: 3
    note: for people
  - {network: 10.0.0.0/8, cii: yes, valid_to: 2026-06-30, unit: }
"""


def test_yaml_stays_the_text_that_stands_there() -> None:
    document = read_yaml(YAML, "a.yml")
    assert document.problems == []
    assert [(row.place.line, dict(row.said)) for row in document.entries] == [
        (4, {"network": "2001:db8::/32", "grade": "3"}),
        (7, {"network": "10.0.0.0/8", "cii": "yes", "valid_to": "2026-06-30"}),
    ]
    assert [dict(row.said) for row in document.spaces] == [{"name": "a", "vlan": ["100", "101"], "source": "*cloud*"}]


def test_odd_yaml_is_told_with_its_line_and_the_rest_stays() -> None:
    text = """\
entries:
  - word
  - {network: 10.0.0.1, asset: [a, b]}
  - {network: 10.0.0.1, aset: a}
  - {network: 10.0.0.1, asset: a, asset: b}
  - {? [x, y] : 1, network: 10.0.0.1}
  - {network: 10.0.0.1, asset: good}
space: []
spaces: word
"""
    document = read_yaml(text, "a.yml")
    told = [(one.code, one.place.line if one.place else None) for one in document.problems]
    assert told == [
        ("context-incomplete", 2), ("context-incomplete", 3), ("context-key-unknown", 4), ("context-key-unknown", 5),
        ("context-key-unknown", 6), ("context-key-unknown", 8), ("context-incomplete", 9),
    ]  # fmt: skip
    assert document.problems[2].parameters == {"key": "aset", "nearest": "asset"}
    assert [row.said["asset"] for row in document.entries] == ["good"]


def test_what_is_no_yaml_or_no_mapping_gives_one_problem() -> None:
    for text, line in (("a: [", 1), ("- a\n- b", 1), ("\tx: 1", 1), ("a: &x [*x", 1), ("word", 1)):
        (problem,) = read_yaml(text, "a.yml").problems
        assert problem.code == "context-unreadable"
        assert problem.place is not None
        assert problem.place.line is not None
        assert problem.place.line >= line
    assert read_yaml("", "a.yml").problems == []
    assert len(read_yaml("entries: " + "[" * 5_000, "a.yml").problems) == 1


def test_csv_with_chinese_headings_and_remarks() -> None:
    text = '资产名称,IP地址,关基,备注\r\n数据库,10.0.0.1,是,x\r\n\r\n,,,\r\n"网,关",10.0.0.2\r\n'
    document = read_csv(text, "a.csv")
    assert document.problems == []
    assert [(row.place.line, dict(row.said)) for row in document.entries] == [
        (2, {"asset": "数据库", "network": "10.0.0.1", "cii": "是"}),
        (5, {"asset": "网,关", "network": "10.0.0.2"}),
    ]


def test_csv_may_be_divided_otherwise_and_hold_lines_within_cells() -> None:
    text = 'network;unit\n10.0.0.1;"a\nb"\n10.0.0.2;c\n'
    assert [row.place.line for row in read_csv(text, "a.csv").entries] == [2, 4]
    assert read_csv("network\tunit\n10.0.0.1\tu\n", "a.csv").entries[0].said["unit"] == "u"


def test_hostile_csv_is_told_and_the_rest_stays() -> None:
    document = read_csv("network,asset,联系人,asset,\n10.0.0.1,a,x,b,\n10.0.0.2,a,b,c,d,e\n10.0.0.3,\0\n", "a.csv")
    assert [(one.code, one.place.line if one.place else None) for one in document.problems] == [
        ("context-key-unknown", 1), ("context-key-unknown", 1), ("context-incomplete", 3),
    ]  # fmt: skip
    assert [dict(row.said) for row in document.entries] == [
        {"network": "10.0.0.1", "asset": "a"}, {"network": "10.0.0.3", "asset": "\0"},
    ]  # fmt: skip
    unclosed = read_csv('network,asset\n10.0.0.1,"' + "x" * 200_000, "a.csv")
    assert [one.code for one in unclosed.problems] == ["context-unreadable"]
    assert read_csv("", "a.csv").problems == []

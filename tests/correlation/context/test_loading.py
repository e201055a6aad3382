from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from correlation.context.loading import load_context
from correlation.context.model import Known, Range, Space
from sensors.event.times import from_iso


def _written(folder: Path, name: str, content: str | bytes) -> Path:
    file = folder / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def test_yaml_and_csv_say_the_same(tmp_path: Path) -> None:
    entry = "{network: 10.0.0.1, asset: 库, domain: cii, grade: 3, cii: true, valid_to: 2026-01-31}"
    made = _written(tmp_path, "a.yml", f"entries:\n  - {entry}\n")
    text = "网段,资产,域,等级,关基,失效时间\n10.0.0.1,库,关基,三级,是,2026/1/31\n"
    loaded = [load_context([made])]
    for name, encoding in (("b.csv", "utf-8"), ("c.csv", "utf-8-sig"), ("D.CSV", "gb18030")):
        loaded.append(load_context([_written(tmp_path, name, text.encode(encoding))]))
    for one in loaded:
        assert one.problems == []
        (found,) = one.entries
        assert found.known == Known("库", domain="cii", grade=3, cii=True)
        assert found.range == Range(4, 0x0A000001, 0x0A000001)
        assert found.valid_to == from_iso("2026-02-01")


@pytest.mark.parametrize(
    ("row", "code", "field"),
    [
        ("{network: 10.0.0.1/8, asset: a}", "context-value", "network"),
        ("{network: 10.0.0.1, grade: 9}", "context-value", "grade"),
        ("{asset: a}", "context-incomplete", None),
        ("{network: 10.0.0.1}", "context-incomplete", None),
        ("{network: 10.0.0.1, asset: a, valid_from: 2026-02-02, valid_to: 2026-02-01}", "context-incomplete", None),
        ("{network: 10.0.0.1, asset: a, space: tennant}", "context-space-unknown", None),
    ],
)
def test_a_wrong_entry_is_told_and_left_out(tmp_path: Path, row: str, code: str, field: str | None) -> None:
    text = f"spaces: [{{name: tenant, vlan: 7}}]\nentries:\n  - {row}\n  - {{host: h, asset: a, space: tenant}}\n"
    loaded = load_context([_written(tmp_path, "a.yml", text)])
    assert [entry.host for entry in loaded.entries] == ["h"]
    (problem,) = loaded.problems
    assert problem.place is not None
    assert (problem.code, problem.place.line, problem.place.field) == (code, 3, field)


def test_spaces_say_which_events_are_in_them(tmp_path: Path) -> None:
    rows = ("{name: a, vlan: 100, tunnel_id: ['7']}", "{name: b}", "{vlan: 1}", "{name: a, source: x*}")
    text = "spaces:\n" + "".join(f"  - {row}\n" for row in rows)
    loaded = load_context([_written(tmp_path, "a.yml", text)])
    assert loaded.spaces == [Space("a", frozenset({"100"}), frozenset({"7"})), Space("a", source=("x*",))]
    assert [one.place.line for one in loaded.problems if one.place] == [3, 4]


def test_files_may_name_each_others_spaces_and_none_stops_the_others(tmp_path: Path) -> None:
    files = [
        _written(tmp_path, "assets.csv", "network,asset,space\n10.0.0.1,a,t\n"),
        tmp_path / "none.yml",
        tmp_path,
        _written(tmp_path, "broken.yml", "entries: ["),
        _written(tmp_path, "odd.csv", b"network,asset\n10.0.0.1,\xff\xff\n"),
        _written(tmp_path, "odd.yml", "entries: [{host: h, asset: 库}]".encode("gb18030")),
        _written(tmp_path, "spaces.yml", "spaces: [{name: t, vlan: 7}]"),
    ]
    loaded = load_context([*files, files[0]])
    assert [entry.space for entry in loaded.entries] == ["t"]
    assert [Path(one.place.file).name for one in loaded.problems if one.place] == [
        "none.yml", tmp_path.name, "broken.yml", "odd.csv", "odd.yml",
    ]  # fmt: skip
    assert {one.code for one in loaded.problems} == {"context-unreadable"}


def test_entries_that_contradict_each_other_are_told(tmp_path: Path) -> None:
    text = """\
network,unit,asset,valid_from,valid_to
10.0.0.1,u,,,2026-01-31
10.0.0.1,v,a,2026-02-01,
10.0.0.1,w,a,2026-01-15,2026-01-20
10.0.0.1,u,b,,2025-01-01
"""
    loaded = load_context([_written(tmp_path, "a.csv", text)])
    assert len(loaded.entries) == 4
    (problem,) = loaded.problems
    assert (problem.code, str(problem.place)) == ("context-conflict", f"{tmp_path / 'a.csv'}:4 (unit)")
    assert problem.parameters == {"key": "unit", "value": "w", "kept": "u", "first": f"{tmp_path / 'a.csv'}:2"}


_SIGNS = "{}[]:,-&*!|>'\"#%@\n \tnetworkas10./路"


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.binary(max_size=200), st.text(_SIGNS, max_size=200).map(str.encode)))
def test_whatever_a_file_holds_loading_ends_with_problems_at_most(tmp_path: Path, content: bytes) -> None:
    for name in ("any.csv", "any.yml"):
        head = b"network,asset\n" if name == "any.csv" else b"entries:\n  - "
        for text in (content, head + content):
            load_context([_written(tmp_path, name, text)])

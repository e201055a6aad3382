"""The cache of parsed rules: right, or of no consequence."""

import re
from importlib.resources import files
from pathlib import Path

import pytest

from correlation.rules.cache import _CODE, RuleCache, key_of_rules, key_of_trees
from correlation.rules.trees import Tree
from tests.correlation.matcher.making import make_rule

RULE = make_rule({"s": {"A|contains": ["x", "y"]}, "condition": "s"})
RULES, TREES = key_of_rules("a.yml", b"text"), key_of_trees(b"text")


def test_keys_hang_on_all_of_our_code_that_reads_rules() -> None:
    folder = files("correlation.rules")
    found, asked = set[str](), ["documents", "codec"]
    while asked:
        name = asked.pop()
        # Correlations are not kept, and which datasets carry a log source is asked anew of what was.
        if name not in found | {"correlating", "logsources"}:
            found.add(name)
            text = folder.joinpath(f"{name}.py").read_text(encoding="utf-8")
            asked += re.findall(r"^from correlation\.rules\.(\w+) import", text, re.MULTILINE)
    assert sorted(f"{name}.py" for name in found) == sorted(_CODE)


def test_what_was_put_comes_back_from_disk(tmp_path: Path) -> None:
    file = tmp_path / "data" / "rules"
    cache = RuleCache(file)
    assert (cache.rules(RULES, "a.yml"), cache.trees(TREES)) == (None, None)
    cache.keep_rules(RULES, [RULE])
    cache.keep_trees(TREES, [Tree({"title": "a\nb"}, 7)])
    cache.save()
    again = RuleCache(file)
    found = again.rules(RULES, "elsewhere/a.yml")
    assert found is not None
    assert found[0].condition == RULE.condition
    assert found[0].path == "elsewhere/a.yml"
    assert again.trees(TREES) == [Tree({"title": "a\nb"}, 7)]
    assert [path.name for path in file.parent.iterdir()] == ["rules"]


def test_keys_differ_by_name_and_content_and_processing() -> None:
    asked = [("a.yml", b"x"), ("b.yml", b"x"), ("a.yml", b"y"), ("a.ymlx", b""), ("a.yml", b"x", b"p")]
    assert len({*(key_of_rules(*one) for one in asked), key_of_trees(b"x"), key_of_trees(b"y")}) == 7


@pytest.mark.parametrize("content", [
    b"", b"\xff\x00", b"[1]", RULES, RULES + b" ", RULES + b' [{"id": 1}]', RULES + b" 3", RULES + b" [[",
    TREES + b" 3", TREES + b' [[1, {"date": 5}, ["date"]]]', TREES + b' [[1, {"date": "x"}, ["date"]]]',
    TREES + b" [[1, 2]]", TREES + b' [["x", {}, []]]', TREES + b" [[1e999, {}, []]]", TREES + b" [[1, [], []]]",
    RULES + b" " + b"[" * 5_000 + b"]" * 5_000,
    RULES + b' [{"condition":' + b'["Not",' * 900 + b"3" + b"]" * 900 + b"}]",
    b'{"%s":[{"id":"x y"}]}' % RULES,  # as it was kept before 30 November 2026
])  # fmt: skip
def test_damage_only_costs_time(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "rules"
    file.write_bytes(content)
    cache = RuleCache(file)
    assert (cache.rules(RULES, "a.yml"), cache.trees(TREES)) == (None, None)
    cache.keep_rules(RULES, [RULE])
    cache.save()
    assert RuleCache(file).rules(RULES, "a.yml") is not None


def test_a_folder_that_cannot_be_written_is_no_failure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cache = RuleCache(tmp_path / "file" / "rules")
    cache.keep_rules(RULES, [RULE])
    cache.save()


def test_unused_entries_are_kept(tmp_path: Path) -> None:
    file = tmp_path / "rules"
    for name in ("one", "two"):
        cache = RuleCache(file)
        cache.keep_rules(key_of_rules(name, b""), [RULE])
        cache.save()
    assert RuleCache(file).rules(key_of_rules("one", b""), "") is not None

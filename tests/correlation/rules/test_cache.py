"""The cache of parsed rules: right, or of no consequence."""

from pathlib import Path

from correlation.rules.cache import RuleCache, key_of
from tests.correlation.matcher.making import make_rule

RULE = make_rule({"s": {"A|contains": ["x", "y"]}, "condition": "s"})


def test_what_was_put_comes_back_from_disk(tmp_path: Path) -> None:
    file = tmp_path / "data" / "rules.json"
    key = key_of("a.yml", b"text")
    cache = RuleCache(file)
    assert cache.get(key, "a.yml") is None
    cache.put(key, [RULE])
    cache.save()
    found = RuleCache(file).get(key, "elsewhere/a.yml")
    assert found is not None
    assert found[0].condition == RULE.condition
    assert found[0].path == "elsewhere/a.yml"
    assert [path.name for path in file.parent.iterdir()] == ["rules.json"]


def test_keys_differ_by_name_and_content() -> None:
    assert len({key_of("a.yml", b"x"), key_of("b.yml", b"x"), key_of("a.yml", b"y"), key_of("a.ymlx", b"")}) == 4


def test_damage_only_costs_time(tmp_path: Path) -> None:
    file = tmp_path / "rules.json"
    key = key_of("a.yml", b"text")
    for content in (b"", b"\xff\x00", b"[1]", b'{"%s": [{"id": 1}]}' % key.encode(), b'{"%s": 3}' % key.encode()):
        file.write_bytes(content)
        assert RuleCache(file).get(key, "a.yml") is None


def test_a_folder_that_cannot_be_written_is_no_failure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cache = RuleCache(tmp_path / "file" / "rules.json")
    cache.put("k", [RULE])
    cache.save()


def test_unused_entries_are_kept(tmp_path: Path) -> None:
    file = tmp_path / "rules.json"
    for key in ("one", "two"):
        cache = RuleCache(file)
        cache.put(key, [RULE])
        cache.save()
    assert RuleCache(file).get("one", "") is not None

"""The page of the rules and what it is made of."""

from pathlib import Path

import pytest

from correlation.pack.catalogue import ROOMS, Entry, correlations, entries, page

REPOSITORY = Path(__file__).parents[3]
RULE = """\
title: A | B
logsource: {product: hanwatch, service: zeek.modbus}
tags: [attack.impact, attack.t0814, cve.2021-44228]
level: low
hanwatch: {title_zh: 标题, situation_zh: 情形, verified: false, adapt: the plan}
"""


def test_the_page_is_what_the_rules_say() -> None:
    written = (REPOSITORY / "docs" / "rules.md").read_text(encoding="utf-8")
    assert written == page(entries(), correlations()), "run: python -m correlation.pack > docs/rules.md"


def test_the_page_links_every_rule_to_a_file_that_exists() -> None:
    written = (REPOSITORY / "docs" / "rules.md").read_text(encoding="utf-8")
    for entry in entries():
        link = f"../correlation/pack/{entry.room}/{entry.name}.yml"
        assert f"]({link})" in written
        assert (REPOSITORY / "docs" / link).is_file()


def test_an_entry_is_read_from_the_rule_and_a_row_has_its_bars_escaped(tmp_path: Path) -> None:
    (tmp_path / "industrial").mkdir()
    (tmp_path / "industrial" / "some_rule.yml").write_text(RULE, encoding="utf-8")
    (entry,) = entries(tmp_path)
    assert (entry.room, entry.name, entry.techniques, entry.datasets) == (
        "industrial", "some_rule", ("T0814",), ("zeek.modbus",)
    )  # fmt: skip
    assert "| [A \\| B](../correlation/pack/industrial/some_rule.yml) 标题 | 情形 | zeek.modbus |" in page([entry])
    assert "| low | T0814 | *unverified* | the plan |" in page([entry])


def test_rooms_keep_their_order_on_the_page() -> None:
    written = page(entries())
    places = [written.index(f"## {heading}") for heading in ROOMS.values()]
    assert places == sorted(places)


def test_a_rule_without_chinese_is_no_entry() -> None:
    with pytest.raises(ValueError, match="in Chinese"):
        Entry("cloud", "x", "X", "", "情形", "low", (), (), (), "")

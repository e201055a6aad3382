from pathlib import Path

from sensors.event.fields import FAMILIES, TITLES, field_type, fields, page

ROOT = Path(__file__).parents[3]


def test_the_documentation_is_of_these_fields() -> None:
    said = (ROOT / "docs" / "events.md").read_text(encoding="utf-8")
    assert said == page(), "run: python -m sensors.event.fields > docs/events.md"


def test_every_family_has_a_title_and_fields() -> None:
    assert set(TITLES) == set(FAMILIES)
    assert {field.family for field in fields().values()} >= set(FAMILIES) - {"ecs"}


def test_what_is_not_declared_is_a_keyword() -> None:
    assert field_type("vendor.new.field") == "keyword"
    assert field_type("source.ip") == "ip"
    assert field_type("message") == "text"

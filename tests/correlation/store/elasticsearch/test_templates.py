"""The templates hold the table of fields, and nothing below a field with values of its own."""

import re
from typing import Any

import pytest

from correlation.store.elasticsearch.layout import flattened_roots, mapped, namespaces, slot
from correlation.store.elasticsearch.templates import fields_template, index_template, settings_template, stream
from sensors.event.fields import fields


def _leaves(properties: dict[str, Any], prefix: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for name, one in properties.items():
        if "properties" in one:
            found |= _leaves(one["properties"], f"{prefix}{name}.")
        else:
            found[prefix + name] = one["type"]
    return found


def test_every_declared_field_is_mapped() -> None:
    types = _leaves(fields_template()["template"]["mappings"]["properties"])
    for name, kind in mapped().items():
        assert types[name] == {"date": "date_nanos"}.get(kind, kind)
    for name in flattened_roots():
        assert types[name] == "flattened"
    assert not fields_template()["template"]["mappings"]["dynamic"]


def test_every_leaf_has_a_place() -> None:
    for name in fields():
        leaf = name.replace("*", "made.up")
        assert slot(leaf).place in ("own", "namespace", "unmapped")
    for root in namespaces():
        assert slot(f"{root}.made..up").key == "made..up"
    assert slot("nowhere.made").field == "hanwatch.unmapped.nowhere.made"


@pytest.mark.parametrize(
    "dataset", ["network.flow", "../../x", "A B", "数据", "-", "", ".", "_x", "x" * 300, 'a*b?c"d<e>f|g,h#i:j\\k/l']
)
def test_names_of_streams_are_allowed(dataset: str) -> None:
    assert re.fullmatch(r"logs-[a-z0-9_][a-z0-9_.]{0,99}-default", stream(dataset, "default"))


def test_the_lifecycle_is_left_out_where_there_is_none() -> None:
    assert settings_template(1, 180)["template"]["lifecycle"] == {"data_retention": "180d"}
    assert "lifecycle" not in settings_template(1, None)["template"]
    assert index_template("n")["index_patterns"] == ["logs-*-n"]

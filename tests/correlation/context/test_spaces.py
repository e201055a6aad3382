from typing import Any

import pytest

from correlation.context.model import Space
from correlation.context.spaces import Choice
from tests.correlation.matcher.making import make_batch

SPACES = [
    Space("a", vlan=frozenset({"100", "101"}), source=("*cloud*",)),
    Space("b", tunnel_id=frozenset({"7001"})),
    Space("b", source=("fw-b-*",)),
    Space("c", vlan=frozenset({"100"})),
]


def _chosen(*rows: dict[str, Any], **constants: Any) -> str | list[str]:
    return Choice(SPACES).of(make_batch(rows, constants=constants))


@pytest.mark.parametrize(
    ("row", "space"),
    [
        ({"network.vlan.id": "100"}, "c"),
        ({"network.vlan.id": 100}, "c"),
        ({"network.vlan.id": [100, 7]}, "c"),
        ({"network.vlan.id": [7, 100]}, ""),
        ({"network.vlan.id": None}, ""),
        ({"network.vlan.id": "100", "observer.name": "cloud-1"}, "a"),
        ({"network.vlan.id": "7", "observer.name": "cloud-1"}, ""),
        ({"hanwatch.tunnel.id": ["5", "7001"]}, "b"),
        ({"hanwatch.tunnel.id": []}, ""),
        ({"observer.name": "fw-b-2"}, "b"),
        ({"observer.name": {"odd": 1}}, ""),
    ],
)
def test_an_event_is_in_the_first_space_of_which_it_fits_everything(row: dict[str, Any], space: str) -> None:
    assert _chosen(row, row) == space
    assert Choice(SPACES).of(make_batch([{"x": 1}], constants=row)) == space


def test_rows_of_a_batch_may_be_in_different_spaces() -> None:
    rows = [{"network.vlan.id": text} for text in ("100", None, "7")]
    assert _chosen(*rows) == ["c", "", ""]


def test_without_spaces_all_are_in_the_default_one() -> None:
    assert Choice([]).of(make_batch([{"network.vlan.id": "100"}])) == ""


def test_the_name_of_the_source_tells_too() -> None:
    assert Choice([Space("m", source=("mad?",))]).of(make_batch([{"x": 1}])) == "m"

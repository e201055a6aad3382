from typing import Any

import pytest

from correlation.incidents.errors import ChangeRefused
from correlation.incidents.facts import facts_of
from correlation.incidents.log import Standing, entry
from correlation.incidents.suppressing import SUBJECT, Window, announcement, suppressor, windows
from tests.correlation.incidents.making import HOUR, NOON, alert


def _window(**scope: list[str]) -> Window:
    name, said = announcement("drill", NOON, NOON + HOUR, scope, "city drill", who="li", at=NOON - 1)
    return windows([entry(Standing(), SUBJECT + name, NOON - 1, "li", "announce", said, "")])[0]


@pytest.mark.parametrize(
    ("scope", "minute", "said", "held"),
    [
        ({"network": ["10.9.0.0/16"]}, 0, {"source": "10.9.1.1"}, True),
        ({"network": ["10.9.0.0/16"]}, 0, {"destination": "10.9.1.1"}, True),
        ({"network": ["10.9.0.0/16"]}, 0, {"source": "10.8.1.1"}, False),
        ({"network": ["10.9.0.0/16"]}, 59.9, {"source": "10.9.1.1"}, True),
        ({"network": ["10.9.0.0/16"]}, 60, {"source": "10.9.1.1"}, False),
        ({"network": ["10.9.0.0/16"]}, -0.1, {"source": "10.9.1.1"}, False),
        ({"network": ["10.9.0.0/16"]}, 1, {"source": "10.9.1.1", "space": "tenant-a"}, False),
        ({"host": ["DB-1"]}, 1, {"host": "db-1"}, True),
        ({"unit": ["health"], "network": ["10.9.0.0/16"]}, 1, {"source": "10.9.1.1", "unit": "health"}, True),
        ({"unit": ["health"], "network": ["10.9.0.0/16"]}, 1, {"source": "192.0.2.1", "unit": "health"}, False),
        ({"unit": ["health"], "network": ["10.9.0.0/16"]}, 1, {"source": "10.9.1.1", "unit": "water"}, False),
    ],
)
def test_a_window_holds_for_its_time_and_for_all_kinds_that_it_names(
    scope: dict[str, list[str]], minute: float, said: dict[str, Any], held: bool
) -> None:
    assert _window(**scope).holds(facts_of(alert(minute, **said), 8)) is held


def test_of_several_windows_the_same_one_is_named_in_any_order() -> None:
    found = [_window(network=["10.9.0.0/16"]), _window(host=["h"])]
    facts = facts_of(alert(1, source="10.9.1.1", host="h"), 8)
    assert suppressor(found, facts) == suppressor(found[::-1], facts) == min(one.id for one in found)
    assert suppressor(found, facts_of(alert(1, source="192.0.2.1"), 8)) is None


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"purpose": "holiday"}, "window-purpose"),
        ({"ends": NOON}, "window-span"),
        ({"ends": NOON + 32 * 24 * HOUR}, "window-span"),
        ({"scope": {}}, "window-scope"),
        ({"scope": {"city": ["x"]}}, "window-scope"),
        ({"scope": {"network": ["10.9.0.1/16"]}}, "window-network"),
        ({"reason": " "}, "text-length"),
    ],
)
def test_what_can_be_no_window_is_refused(changed: dict[str, Any], reason: str) -> None:
    said: dict[str, Any] = {
        "purpose": "drill", "begins": NOON, "ends": NOON + HOUR, "scope": {"host": ["h"]}, "reason": "why",
    } | changed  # fmt: skip
    with pytest.raises(ChangeRefused) as refused:
        announcement(**said, who="li", at=NOON)
    assert refused.value.parameters["reason"] == reason

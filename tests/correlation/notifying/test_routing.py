import pytest

from correlation.notifying.routing import Router
from correlation.notifying.settings import NotifySettings, RouteSettings
from sensors.event.times import SECOND
from tests.correlation.notifying.conftest import NOON, an_alert
from tests.correlation.notifying.test_settings import A_WEBHOOK, B_WEBHOOK

HOUR = 3_600 * SECOND


def _routed(route: RouteSettings, now: int = NOON, **alert: object) -> bool:
    router = Router(NotifySettings(channels=(A_WEBHOOK,), routes=(route,)))
    return bool(router.targets(an_alert(**alert), now))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("conditions", "alert", "goes"),
    [
        ({}, {}, True),
        ({"level": "critical"}, {}, False),
        ({"level": "high"}, {"level": "critical"}, True),
        ({"rules": ("7f0a*",)}, {}, True),
        ({"rules": ("other",)}, {}, False),
        ({"tags": ("T1190",)}, {}, True),
        ({"tags": ("attack.t1190", "x")}, {}, True),
        ({"tags": ("T1110*",)}, {}, False),
        ({"datasets": ("web.*",)}, {}, True),
        ({"datasets": ("windows.*",)}, {}, False),
        ({"units": ("市数据局",)}, {"hanwatch__destination__unit": "市数据局"}, True),
        ({"units": ("市数据局",)}, {"hanwatch__source__unit": "其他"}, False),
        ({"districts": ("江岸*",)}, {"hanwatch__host__district": "江岸区"}, True),
        ({"districts": ("江岸*",)}, {}, False),
        ({"level": "high", "datasets": ("windows.*",)}, {"level": "critical"}, False),
    ],
)
def test_all_conditions_hold(conditions: dict[str, object], alert: dict[str, object], goes: bool) -> None:
    assert _routed(RouteSettings("r", ("a",), **conditions), **alert) is goes  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("hours", "later", "goes"),
    [("08:30-18:00", 0, True), ("08:30-18:00", 6, False), ("22:00-06:00", 11, True), ("22:00-06:00", 0, False)],
)
def test_hours_are_those_of_the_zone_and_may_pass_midnight(hours: str, later: int, goes: bool) -> None:
    assert _routed(RouteSettings("r", ("a",), hours=hours), NOON + later * HOUR) is goes


def test_a_channel_gets_an_alert_by_the_first_route_that_names_it() -> None:
    first = RouteSettings("first", ("a",))
    second = RouteSettings("second", ("a", "b"))
    router = Router(NotifySettings(channels=(A_WEBHOOK, B_WEBHOOK), routes=(first, second)))
    assert router.targets(an_alert(), NOON) == [("a", first), ("b", second)]

from sqlalchemy import Engine

from inventory.indicators.computing import Indicators
from inventory.indicators.replaying import Replay
from inventory.indicators.series import series
from inventory.indicators.view import NOW
from inventory.store.book import Inventory
from tests.inventory.indicators.cities import PLAN, City, exclusion, indicator, record, report, system


def test_both_databases_give_the_same_numbers_and_trends(engine: Engine) -> None:
    city = City(Inventory(engine), engine)
    city.units()
    city.write(
        systems=[
            system(1, hosting="own_room", unit=record("e", 0)), system(2, hosting="city_cloud"), system(3),
            system(4, hosting="own_room"),
        ],
        exclusions=[exclusion("X4", "S4")],
        indicator_values=[report(30, "2025-06-30", 11.5)],
    )  # fmt: skip
    then = city.write("2025-03-01", systems=[system(1, "2025-03-01", hosting="city_cloud")])
    indicators = Indicators(city.inventory, PLAN)
    found = {one.indicator.number: one for one in indicators.measure("2025-12-31")}
    assert (found[6].numerator, found[6].denominator, found[30].value) == (2, 3, 11.5)
    before = indicators.measure("2025-12-31", then - 1, wanted=(indicator(6),))[0]
    assert (before.numerator, before.denominator) == (1, 3)
    parts = indicators.measure("2025-12-31", wanted=(indicator(6),), kind="unit")
    assert sorted((one.scope.id, one.numerator) for one in parts) == [("", 1), (record("e", 0), 1)]
    replayed = series(Replay(engine, NOW), PLAN, indicator(6), "2025-04-30")
    assert replayed == series(city.inventory, PLAN, indicator(6), "2025-04-30")
    assert [(one.numerator, one.denominator) for one in replayed[-4:]] == [(1, 3), (1, 3), (2, 3), (2, 3)]


def test_a_replay_knows_what_was_known_when_it_was_made(engine: Engine) -> None:
    city = City(Inventory(engine), engine)
    first = city.write(systems=[system(1, hosting="own_room")])
    city.write("2025-03-01", systems=[system(1, hosting="city_cloud")])
    assert series(Replay(engine, first), PLAN, indicator(6), "2025-04-30")[-1].value == 0.0
    assert series(Replay(engine, NOW), PLAN, indicator(6), "2025-04-30")[-1].value == 100.0

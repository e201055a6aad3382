from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory.days import begin_of, end_of
from inventory.indicators.formulas import FORMULAS
from inventory.indicators.replaying import Replay
from inventory.indicators.tallying import tally_at
from inventory.indicators.view import NOW, View
from inventory.model import Moment
from inventory.registers import registers
from tests.inventory.indicators.cities import DAYS, PLAN, City, histories, indicator, told


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=histories(), known=st.sampled_from((*DAYS, None)))
def test_counting_without_a_word_about_records_gives_the_same_from_the_registers_and_from_a_replay(
    cities: Callable[[], City], history: Any, known: str | None
) -> None:
    city = cities()
    told(city, history)
    recorded = NOW if known is None else begin_of(known)
    replay = Replay(city.engine, recorded)
    formula = FORMULAS["cloud_systems"]
    for day in DAYS:
        view = View(city.inventory, PLAN, day, recorded)
        (part,) = view.parts(indicator(6), "city")
        own = [one for one in view.exclusions if one.indicator == 6]
        moment = Moment(end_of(day) - 1, recorded)
        assert tally_at(city.inventory, formula, moment, day, own) == part.tally
        assert tally_at(replay, formula, moment, day, own) == part.tally
        for name, keys in (("systems", ("code", "hosting")), ("units", ()), ("exclusions", ("record",))):
            register = registers()[name]
            assert sorted(replay.columns(register, keys, moment)) == sorted(
                city.inventory.columns(register, keys, moment)
            )

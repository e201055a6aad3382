from inventory.indicators.formulas import FORMULAS, meanings
from inventory.indicators.judges import JUDGES
from inventory.registers import registers
from tests.inventory.indicators.cities import PLAN


def test_every_formula_has_a_judge_words_and_fields_that_there_are() -> None:
    assert set(FORMULAS) == set(JUDGES) == set(meanings())
    for formula in FORMULAS.values():
        register = registers()[formula.register]
        for key in (*formula.fields, *filter(None, (formula.amount, formula.unit, formula.district))):
            assert key in register.by_key, (formula.code, key)
        assert register.by_key[formula.unit].register == "units"
        assert meanings()[formula.code].article


def test_the_plan_uses_every_formula_once() -> None:
    used = {one.formula: one.number for one in PLAN.indicators if one.formula}
    assert used == {
        "computing_power": 2, "ipv6_sites": 4, "cloud_systems": 6, "shared_resources": 9, "opened_resources": 10,
    }  # fmt: skip

import ast
import inspect
import sys
from itertools import product
from typing import Any

import pytest

from inventory.indicators import judges
from inventory.indicators.formulas import FORMULAS
from inventory.indicators.judges import JUDGES
from inventory.registers import registers


@pytest.mark.parametrize(
    ("state", "classified", "hosting", "migration", "wanted"),
    [
        ("running", False, "city_cloud", None, ("yes", "on-cloud")),
        ("running", False, "district_cloud", "migrating", ("yes", "on-cloud")),
        ("running", False, "department_cloud", None, ("yes", "on-cloud")),
        ("running", False, "public_cloud", None, ("yes", "on-cloud")),
        ("running", False, None, "migrated", ("yes", "migrated")),
        ("running", False, "own_room", "exempt", ("no", "own-room")),
        ("running", False, "own_room", "migrated", ("unknown", "hosting-contradicts")),
        ("running", False, None, "exempt", ("unknown", "hosting-not-said")),
        ("running", None, "city_cloud", None, ("unknown", "classified-not-said")),
        (None, False, "city_cloud", None, ("unknown", "state-not-said")),
        ("running", True, "city_cloud", None, ("outside", "classified")),
        ("building", None, None, None, ("outside", "not-running")),
    ],
)
def test_a_system(state: Any, classified: Any, hosting: Any, migration: Any, wanted: tuple[str, str]) -> None:
    assert JUDGES["cloud_systems"](state, classified, hosting, migration) == wanted


@pytest.mark.parametrize(
    ("state", "kind", "level", "ipv6", "wanted"),
    [
        ("running", "website", "city", True, ("yes", "ipv6")),
        ("running", "portal", "district", False, ("no", "no-ipv6")),
        ("running", "portal", "district", None, ("unknown", "ipv6-not-said")),
        ("running", "app", "city", True, ("outside", "no-website")),
        ("running", "website", "other", True, ("outside", "other-level")),
        ("retired", "website", "city", True, ("outside", "not-running")),
        ("running", None, "city", True, ("unknown", "kind-not-said")),
        ("running", "website", None, True, ("unknown", "level-not-said")),
        (None, "website", "city", True, ("unknown", "state-not-said")),
    ],
)
def test_a_site(state: Any, kind: Any, level: Any, ipv6: Any, wanted: tuple[str, str]) -> None:
    assert JUDGES["ipv6_sites"](state, kind, level, ipv6) == wanted


@pytest.mark.parametrize("formula", ["shared_resources", "opened_resources"])
def test_an_item_of_the_catalogue(formula: str) -> None:
    def verdict(*said: Any) -> str:
        return JUDGES[formula](*said)[0]

    assert [verdict("conditional", given) for given in (True, False, None)] == ["yes", "no", "unknown"]
    assert [verdict("none", given) for given in (True, False, None)] == ["outside"] * 3
    assert [verdict(None, given) for given in (True, False, None)] == ["yes", "unknown", "unknown"]


@pytest.mark.parametrize("code", FORMULAS)
def test_whatever_fields_can_hold_is_judged(code: str) -> None:
    formula = FORMULAS[code]
    fields = [registers()[formula.register].by_key[key] for key in formula.fields]
    plain: dict[str, tuple[Any, ...]] = {"flag": (True, False, None), "decimal": (0.0, 1.5, None)}
    values = [plain.get(field.kind, (*field.choices, None)) for field in fields]
    found = {formula.judge(*said) for said in product(*values)}
    assert {verdict for verdict, _ in found} <= {"yes", "no", "unknown", "outside"}
    assert {"yes", "unknown"} <= {verdict for verdict, _ in found}
    assert formula.judge(*[None] * len(fields))[0] == "unknown", "of what nothing is said nothing is guessed"


def test_judges_stand_alone() -> None:
    tree = ast.parse(inspect.getsource(judges))
    named = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    named |= {one.name for node in ast.walk(tree) if isinstance(node, ast.Import) for one in node.names}
    assert {str(name).partition(".")[0] for name in named} <= sys.stdlib_module_names

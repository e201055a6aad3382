import itertools

import pytest

from inventory.vulnerabilities.affecting import MAYBE, NO, YES
from inventory.vulnerabilities.conditions import Together, holds, simple, together
from inventory.vulnerabilities.identifying import Installation, identified
from inventory.vulnerabilities.model import Configuration, CpeMatch, Node, Operator
from inventory.vulnerabilities.products import products
from tests.inventory.vulnerabilities.making import criterion


def held(*installed: Installation) -> Together:
    return together([identified(one, products(), {}) for one in installed])


LINUX = criterion("cpe:2.3:o:linux:linux_kernel:-:*:*:*:*:*:*:*", vulnerable=False)
TOMCAT = criterion("cpe:2.3:a:apache:tomcat:*:*:*:*:*:*:*:*", end_excluding="9")
NGINX = criterion("cpe:2.3:a:f5:nginx:*:*:*:*:*:*:*:*")
ASSET = held(Installation("a", "Windows Server 2019"), Installation("a", "Tomcat", "8"))


@pytest.mark.parametrize(("match", "expected"), [(TOMCAT, YES), (NGINX, MAYBE), (LINUX, NO)])
def test_one_criterion_is_met_unknown_or_not(match: CpeMatch, expected: int) -> None:
    assert holds(Configuration((Node("OR", (match,)),)), ASSET) == expected
    assert holds(Configuration((Node("OR", (match,), negate=True),)), ASSET) == YES - expected
    assert holds(Configuration((Node("OR", (match,)),), negate=True), ASSET) == YES - expected


def test_operators_are_those_of_three_values() -> None:
    values = {TOMCAT: YES, NGINX: MAYBE, LINUX: NO}
    operators: tuple[Operator, ...] = ("AND", "OR")
    for (one, other), inner, outer in itertools.product(itertools.product(values, repeat=2), operators, operators):
        choose = {"AND": min, "OR": max}
        node = Node(inner, (one, other))
        assert holds(Configuration((node,)), ASSET) == choose[inner](values[one], values[other])
        both = Configuration((Node("OR", (one,)), Node("OR", (other,))), outer)
        assert holds(both, ASSET) == choose[outer](values[one], values[other])


def test_a_platform_of_any_version_is_met_by_its_presence() -> None:
    assert holds(Configuration((Node("OR", (LINUX,)),)), held(Installation("a", "Linux", "5.10"))) == YES
    assert holds(Configuration((Node("OR", (LINUX,)),)), held(Installation("a", "Tomcat", "8"))) == MAYBE


def test_a_configuration_is_simple_where_one_criterion_is_enough() -> None:
    one = Node("OR", (TOMCAT, NGINX))
    assert simple(Configuration((one, one)))
    assert simple(Configuration((one,), "AND"))
    assert not simple(Configuration((one, one), "AND"))
    assert not simple(Configuration((Node("AND", (TOMCAT, NGINX)),)))
    assert not simple(Configuration((Node("OR", (TOMCAT,), negate=True),)))
    assert not simple(Configuration((one,), negate=True))

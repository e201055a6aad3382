"""Registers are data: what holds for each of them."""

from pathlib import Path

import pytest

from inventory import registers as package
from inventory.registers import NAMES, registers


def test_every_file_is_a_register_and_every_register_has_a_file() -> None:
    files = {one.stem for one in Path(package.__file__).parent.glob("*.yml")}
    assert files == set(NAMES) == set(registers())


@pytest.mark.parametrize("name", NAMES)
def test_a_register_says_why_it_is_kept_and_refers_to_registers_that_there_are(name: str) -> None:
    register = registers()[name]
    assert register.basis
    before = set(NAMES[: NAMES.index(name) + 1])
    for field in register.fields:
        if field.register:
            assert field.register in registers()
        if field.required and field.register:
            # Imported in this order, what a record cannot do without is there already.
            assert field.register in before, field.key


def test_other_headings_are_others() -> None:
    for register in registers().values():
        for field in register.fields:
            assert not {field.title.zh, field.title.en} & set(field.also), (register.name, field.key)

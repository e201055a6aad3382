from pathlib import Path

from inventory.registers import registers
from inventory.registers.page import page

ROOT = Path(__file__).parents[3]


def test_the_page_is_what_the_registers_say() -> None:
    said = (ROOT / "docs" / "registers.md").read_text(encoding="utf-8")
    assert said == page(registers().values()), "run: python -m inventory.registers > docs/registers.md"

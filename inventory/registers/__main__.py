"""`python -m inventory.registers > docs/registers.md`: the page of every register and its fields."""

import sys

from inventory.registers import registers
from inventory.registers.page import page

sys.stdout.write(page(registers().values()))

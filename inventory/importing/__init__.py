"""From rows of tables to changes of registers: planned as a whole, shown, and written as a whole or not at all."""

"""Where registers are kept: tables, migrations and the book that reads and writes them."""

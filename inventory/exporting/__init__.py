"""From registers to rows of tables, which mean the same when they are read again."""

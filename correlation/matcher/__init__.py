"""The matcher: all patterns of all rules, once for each distinct value."""

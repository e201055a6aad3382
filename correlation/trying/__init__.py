"""Rules tried on samples before they guard anything: what they should find, and what they should leave alone."""

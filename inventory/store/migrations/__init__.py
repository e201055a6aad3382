"""The steps by which the tables of the inventory became what they are."""

"""Networks: overlaps of prefixes, plans of renumbering, IPv6 allocation, and circuits that are really cancelled."""

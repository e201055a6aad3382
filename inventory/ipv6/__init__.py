"""How ready the web sites of a city are for IPv6: what is checked, how it is scored, and what has to be mended by whom.

`measuring` asks over a network and gives a frozen measurement; checks, scores, findings and repairs are functions of
it.
"""

"""What is known about events' addresses and hosts, as of event time: asset, system, unit, district, domain, grade.

Files hold it until the inventory owns it (`loading`); a table answers for one value (`table`), and an enricher adds the
answers to batches before they are matched (`enriching`), so that Sigma rules can ask for them. See docs/context.md.
"""

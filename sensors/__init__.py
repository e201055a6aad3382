"""Sensors: the event, parsers, capture, delivery and the loss ledger."""

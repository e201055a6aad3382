"""Detectors: behaviour that no single event shows, in flows, names and commands, explained by its figures."""

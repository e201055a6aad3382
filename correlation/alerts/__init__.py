"""Alerts: what a match becomes, and the relational tables they live in."""

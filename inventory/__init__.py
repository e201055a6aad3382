"""Inventory: units, systems, assets, networks and the plan's indicators, from the issue that brings them."""

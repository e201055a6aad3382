"""Posture: how well the city, its districts, units, tenants and critical sectors stand, and what is seen of them."""

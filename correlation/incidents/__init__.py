"""Incidents: alerts that belong together and why, how severe that is, and what people do about it."""

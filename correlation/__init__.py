"""Correlation: rules, the matcher, alerts and the event stores."""

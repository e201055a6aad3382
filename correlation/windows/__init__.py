"""Sigma correlations: findings of rules brought together within spans of time, by event time."""

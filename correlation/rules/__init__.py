"""Rules: Sigma loaded, its fields mapped to ours, routed by log source."""

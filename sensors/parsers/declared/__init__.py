"""Declared formats: a YAML file says how a line is recognised, taken apart and named in ECS; here it becomes fast."""

"""Audits: what the registers say, held against rules of law, standards, the plan, and against each other."""

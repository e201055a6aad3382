"""Playbooks: incident playbooks, reporting clocks, notices and drills, from the issues that bring them."""

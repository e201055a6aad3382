"""Parsers of line formats, one file each, and their registry."""

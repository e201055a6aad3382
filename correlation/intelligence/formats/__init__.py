"""Formats of feeds, one module each: a file in, portions of indicators and problems out."""

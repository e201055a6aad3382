"""Formats of scanners and of advisories, one module each: octets in, findings, advisories and problems out."""

"""Vulnerabilities: what scanners found and advisories tell, matched to software, with deadline and re-check."""

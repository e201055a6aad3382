"""Exceptions: what a site has decided not to be told of some rules, by whom, why and until when."""

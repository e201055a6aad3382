"""Protocols above TCP, UDP and ICMPv6 that go the general way: one file for each, one registry for all."""

"""Packet captures: containers, decoding, flows and the metadata of their first bytes; crafting and deep dissection."""

"""The hanwatch command: composition of the whole."""

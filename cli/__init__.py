"""The hanwatch command: composition of the whole, one module for each command."""

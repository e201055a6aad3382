"""Looking at servers from outside over one family of addresses: DNS, TCP, TLS and HTTP, bounded in time and octets.

Nothing here judges. Whatever a server does ends in a value that says what was seen; only mistakes of ours raise.
"""

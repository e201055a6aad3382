"""Addresses as octets, and the networks whose addresses mean something else in every place."""

import socket
from typing import Final

MAPPED: Final = b"\0" * 10 + b"\xff\xff"
"""How IPv6 addresses begin that stand for an IPv4 one, ::ffff:0:0/96 (RFC 4291, section 2.5.5.2)."""

SPECIAL: Final = (
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
    "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
    "::/127", "100::/64", "2001:db8::/32", "3fff::/20", "fc00::/7", "fe80::/10", "ff00::/8",
)  # fmt: skip
"""Private, shared, loopback, link-local, benchmark, documentation, multicast and reserved networks: IANA's registries
of special-purpose addresses (RFC 6890), and RFC 5771, RFC 5737, RFC 3849, RFC 9637."""


def packed(text: str) -> bytes | None:
    """The octets of an address, 4 of IPv4 and 16 of IPv6; None if the text is none.

    An IPv4 address in IPv6 clothes is the IPv4 address.
    """
    try:
        if ":" not in text:
            return socket.inet_pton(socket.AF_INET, text)
        found = socket.inet_pton(socket.AF_INET6, text)
    except (OSError, ValueError):  # ValueError: a NUL, or a character that ASCII does not have
        return None
    return found[12:] if found.startswith(MAPPED) else found

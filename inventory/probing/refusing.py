"""Addresses that no probe connects to, whoever names them: a site's owner must not lead us into our own machine.

Specification: IANA IPv4 and IPv6 special-purpose address registries (RFC 6890). Private IPv4 networks (RFC 1918) are
taken only where a person says that sites stand there.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address
from typing import Final

_PRIVATE: Final = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))

_TRANSLATED: Final = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
"""Translation to IPv4 (RFC 6052, RFC 8215)."""


def refused(address: str, *, private: bool = False) -> bool:
    """Whether nothing is to be sent to an address; `private`: RFC 1918 is allowed."""
    try:
        found = ip_address(address)
    except ValueError:
        return True
    if isinstance(found, IPv4Address):
        if any(found in network for network in _PRIVATE):
            return not private
        return not found.is_global or found.is_multicast
    # Embedded IPv4 would be reached by way of a translator, at an address that nobody looked at.
    embedded = found.ipv4_mapped or found.sixtofour or found.teredo or any(found in one for one in _TRANSLATED)
    return bool(embedded) or not found.is_global or found.is_multicast

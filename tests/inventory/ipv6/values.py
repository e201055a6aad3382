"""Measurements made by hand, for what is a function of them. Synthetic."""

from inventory.ipv6.model import Measurement
from inventory.ipv6.sites import site_of
from inventory.probing.model import Exchange, Lookup, Visit

HOST, ADDRESS = "www.example.gov.cn", "240e:3a1:100::80"


def lookup(name: str = HOST, kind: str = "AAAA", *records: str, chain: tuple[str, ...] = ()) -> Lookup:
    return Lookup(name, kind, "127.0.0.53", "udp", 0, 0, "found" if records else "none", records, chain)


def measurement() -> Measurement:
    """A site that is whole, as far as it was looked at."""
    site = site_of(f"https://{HOST}/")
    page = Exchange(site.url, 6, ADDRESS, 0, status=200)
    return Measurement(
        site=site,
        at=0,
        vantage="test",
        depth="full",
        lookups=(lookup(HOST, "AAAA", ADDRESS), lookup(HOST, "A", "202.103.24.80")),
        usable=(ADDRESS,),
        home6=Visit((page,)),
        home4=Visit((Exchange(site.url, 4, "202.103.24.80", 0, status=200),)),
    )

"""What is listed beside the score: hosts that the site links to elsewhere, mail, DNSSEC and HTTP/3."""

from collections.abc import Sequence

from inventory.ipv6.model import Beside, Site
from inventory.ipv6.settings import Measures
from inventory.probing.model import Visit
from inventory.probing.pages import within
from inventory.probing.urls import host_of, parsed
from inventory.probing.visiting import Visitor


def beside(  # noqa: PLR0913, PLR0917 - each is of another kind
    site: Site, zone: str, home: Visit | None, links: Sequence[str], visitor: Visitor, measures: Measures
) -> Beside:
    """Asks DNS only; the Alt-Svc field was in the answer of the home page."""
    hosts = [parts.host for url in links if not within(url, visitor.domains) and (parts := parsed(url))]
    elsewhere = list(dict.fromkeys(hosts))[: measures.elsewhere]
    mail = visitor.resolve(zone, "MX") if zone else None
    policy = visitor.resolve(zone, "TXT") if zone else None
    takers = [host_of(one.split()[-1]) for one in mail.records if one.split()] if mail else []
    return Beside(
        elsewhere=tuple(visitor.look_up(host, 6) for host in elsewhere),
        mail=tuple(visitor.look_up(host, 6) for host in takers[: measures.mail] if host),
        spf=next((one for one in policy.records if one.lower().startswith('"v=spf1')), "") if policy else "",
        signed=visitor.resolve(zone, "DS") if zone else None,
        authentic=visitor.look_up(site.host, 6).authentic,
        alternative=home.last.header("Alt-Svc") if home else "",
        service=visitor.resolve(site.host, "HTTPS") if site.names else None,
    )

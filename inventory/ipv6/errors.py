"""What can go wrong with an audit itself; what is wrong with a site is a finding."""

from inventory.errors import InventoryProblem


class Ipv6Problem(InventoryProblem):
    """The family of errors of the audit of IPv6."""


class SiteUnusable(Ipv6Problem):
    """A site cannot be looked at: `value` is no address of http or https, or `reason` says what is wrong with it."""

    code = "ipv6-site-unusable"


class SitesUnreadable(Ipv6Problem):
    """A file of sites cannot be read, or has no column `url`; `reason` says why."""

    code = "ipv6-sites-unreadable"


class NoSites(Ipv6Problem):
    """No site was named."""

    code = "ipv6-no-sites"


class NoResolver(Ipv6Problem):
    """No resolver was named, and the system has none."""

    code = "ipv6-no-resolver"


class ResolverUnusable(Ipv6Problem):
    """A resolver (`value`) is no address, or its port is none."""

    code = "ipv6-resolver-unusable"


class ProfileUnknown(Ipv6Problem):
    """There is no profile of that name; `known` are those that there are."""

    code = "ipv6-profile-unknown"


class TrustUnusable(Ipv6Problem):
    """The file of authorities cannot be read; `reason` says why."""

    code = "ipv6-authorities-unusable"

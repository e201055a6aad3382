"""What an installation is, by its own name of CPE, by a name that a table knows, or by a guess that is told as one."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import NamedTuple

from inventory.vulnerabilities.affecting import Reason
from inventory.vulnerabilities.cpe import ANY, NA, Cpe, parse
from inventory.vulnerabilities.errors import CpeUnusable
from inventory.vulnerabilities.products import Product, Products, apart, guessed

MOST_VENDORS = 20
"""Of one name of a product: a word such as `portal` is a product of many."""


@dataclass(frozen=True, slots=True)
class Installation:
    """Software, firmware or a system on an asset, as an inventory says it; `cpe` where somebody knows it."""

    asset: str
    name: str
    version: str = ""
    vendor: str = ""
    cpe: str = ""


class Known(NamedTuple):
    """What an installation is: products that it may be, its version and name of CPE, and doubts about that."""

    products: tuple[Product, ...]
    version: str
    cpe: Cpe | None
    doubts: tuple[Reason, ...]


def identified(one: Installation, products: Products, vendors: Mapping[str, AbstractSet[str]]) -> Known:
    """What an installation is; `vendors` are those that advisories name, by product."""
    if one.cpe:
        try:
            name = parse(one.cpe)
        except CpeUnusable:
            # Whoever loads the inventory tells of it; here the other names still say something.
            pass
        else:
            version = name.full_version() if name.version not in {ANY, NA} else one.version
            return Known(products.same((name.part, name.vendor, name.product)), version, name, ())
    if meant := products.meant(one.name, one.vendor):
        return Known(meant, one.version, None, ())
    bare, version = apart(one.name)
    if version and (meant := products.meant(bare, one.vendor)):
        return Known(meant, one.version or version, None, ())
    vendor, product = guessed(bare, one.vendor)
    if one.vendor and vendor in vendors.get(product, ()):
        return Known(((ANY, vendor, product),), one.version or version, None, ("product-guessed",))
    guesses = tuple((ANY, each, product) for each in sorted(vendors.get(product, ()))[:MOST_VENDORS])
    return Known(guesses, one.version or version, None, ("vendor-unknown",))

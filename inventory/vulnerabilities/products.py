"""Which products of CPE a name means that an inventory spells freely; the names are data (`products.yml`)."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final, TypeAlias

import yaml

from inventory.vulnerabilities.cpe import quoted
from inventory.vulnerabilities.errors import VulnerabilityTableUnusable
from sensors.errors import Place

Product: TypeAlias = tuple[str, str, str]
"""Part, vendor and product as CPE spells them."""

_ASIDE: Final = re.compile(r"[(（\[【][^)）\]】]*[)）\]】]")
_WORDS: Final = re.compile(
    r"\b(?:x64|x86|x86[_-]64|amd64|arm64|aarch64|64[- ]?bit|32[- ]?bit)\b"
    r"|\b(?:standard|enterprise|datacenter|edition|community)\b|(?:标准版|企业版|数据中心版|社区版|中文版)",
    re.IGNORECASE,
)
"""What says how something is packed, not what it is."""
_VERSION: Final = re.compile(
    r"[\s_/-]+v?([0-9]{1,9}(?:\.[0-9a-z]{1,20}){1,8}[^\s]{0,80})\s*$|[\s_/-]+(v[0-9]{1,4}r[0-9]{1,4}[^\s]{0,80})\s*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Products:
    """What names mean: `by_name` has the spellings that `spelled` makes, `alike` the names of one product by each."""

    by_name: Mapping[str, tuple[Product, ...]]
    alike: Mapping[Product, tuple[Product, ...]]

    def same(self, product: Product) -> tuple[Product, ...]:
        """A product under all of its names, itself first: NVD has had several vendors for one."""
        return (product, *(one for one in self.alike.get(product, ()) if one != product))

    def meant(self, name: str, vendor: str = "") -> tuple[Product, ...]:
        """The products that a name means, with its vendor or without; none where nobody has said."""
        for text in (name, _WORDS.sub(" ", _ASIDE.sub(" ", name))):
            for said in (f"{vendor} {text}" if vendor else "", text):
                if said and (found := self.by_name.get(spelled(said))):
                    return found
        return ()


def apart(name: str) -> tuple[str, str]:
    """A name and the version that stands at its end, such as `nginx/1.18.0`; an empty version where none does."""
    cleaned = _ASIDE.sub(" ", name[:500]).strip()
    found = _VERSION.search(cleaned)
    return (cleaned[: found.start()].strip(), found[1] or found[2]) if found else (name.strip(), "")


def spelled(name: str) -> str:
    """A name as it is compared: without case, width, blanks and punctuation, except `+`, which tells products apart."""
    folded = unicodedata.normalize("NFKC", name[:500]).casefold()
    return "".join(one for one in folded if one.isalnum() or one == "+")


def guessed(name: str, vendor: str) -> tuple[str, str]:
    """Vendor and product as the dictionary would spell them, made of what an inventory says."""
    return quoted(vendor), quoted(name)


@cache
def products() -> Products:
    """The names that come with the product."""
    said = yaml.safe_load((files(__package__) / "products.yml").read_text(encoding="utf-8"))
    return products_of([said], "products.yml")


def products_of(tables: Iterable[Any], place: str) -> Products:
    """The names of several tables, of which the first to say a name counts: a site's own stands before ours.

    Raises:
        VulnerabilityTableUnusable: a table does not say what it must.
    """
    by_name: dict[str, tuple[Product, ...]] = {}
    alike: dict[Product, tuple[Product, ...]] = {}
    for table in tables:
        entries = table.get("products") if isinstance(table, dict) else None
        for number, entry in enumerate(entries if isinstance(entries, list) else [None]):
            try:
                meant = tuple((str(part), quoted(vendor), quoted(product)) for part, vendor, product in entry["cpe"])
                names = [str(name) for name in entry["names"]]
            except (TypeError, KeyError, ValueError, AttributeError) as error:
                where = Place(place, field=f"products[{number}]")
                raise VulnerabilityTableUnusable(place=where, reason=str(error) or type(error).__name__) from error
            for name in names:
                by_name.setdefault(spelled(name), meant)
            for product in meant:
                alike.setdefault(product, meant)
    return Products(by_name, alike)

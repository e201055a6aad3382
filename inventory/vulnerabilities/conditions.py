"""Whether a criterion, a node and a whole configuration hold for what is on an asset: yes, no, or to be checked.

What an inventory does not say is unknown, not absent; but a machine has one operating system and one hardware.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from inventory.vulnerabilities.affecting import MAYBE, NO, YES, Bounds, Reason, affects, edition
from inventory.vulnerabilities.cpe import ANY, Cpe, compare
from inventory.vulnerabilities.identifying import Known
from inventory.vulnerabilities.model import Configuration, CpeMatch, Node
from inventory.vulnerabilities.products import Product


class Together(NamedTuple):
    """All that is on an asset, by vendor and product, and which parts (a, o, h) are told of it."""

    by_name: dict[tuple[str, str], list[tuple[Product, Known]]]
    parts: frozenset[str]


def answer(
    match: CpeMatch, product: Product, what: Known, bounds: Bounds | None = None, *, asks_edition: bool = True
) -> tuple[int, tuple[Reason, ...]]:
    """Whether a criterion holds for a product of an installation, and why it is to be checked."""
    criterion = match.criterion
    if ANY not in {criterion.part, product[0]} and criterion.part != product[0]:
        return NO, ()
    if (criterion.vendor, criterion.product) != product[1:] and not _covers(criterion, product):
        return NO, ()
    versions, why = affects(match, what.version, bounds)
    if versions == NO:
        return NO, ()
    editions, also = edition(criterion, what.cpe) if asks_edition else (YES, None)
    if editions == NO:
        return NO, ()
    reasons = (*what.doubts, *(one for one in (why, also) if one))
    return (MAYBE if reasons else min(versions, editions)), reasons


def _covers(criterion: Cpe, product: Product) -> bool:
    pairs = ((criterion.vendor, product[1]), (criterion.product, product[2]))
    return all(compare(*pair) in {"equal", "superset"} for pair in pairs)


def is_wild(criterion: Cpe) -> bool:
    """Whether a criterion may mean more than one product."""
    said = criterion.vendor + criterion.product
    return "*" in said or "?" in said


def simple(configuration: Configuration) -> bool:
    """Whether one criterion is enough, so that nothing else of the asset counts."""
    alone = configuration.operator == "OR" or len(configuration.nodes) == 1
    return alone and not configuration.negate and all(_any_of(node) for node in configuration.nodes)


def _any_of(node: Node) -> bool:
    return not node.negate and (node.operator == "OR" or len(node.matches) == 1)


def together(known: Sequence[Known]) -> Together:
    """All that is on an asset."""
    by_name: dict[tuple[str, str], list[tuple[Product, Known]]] = defaultdict(list)
    for what in known:
        for product in what.products:
            by_name[product[1:]].append((product, what))
    return Together(dict(by_name), frozenset(product[0] for what in known for product in what.products))


def holds(configuration: Configuration, held: Together) -> int:
    """Whether a configuration holds for what is on an asset."""
    values = [_node(node, held) for node in configuration.nodes]
    value = min(values) if configuration.operator == "AND" else max(values)
    return YES - value if configuration.negate else value


def _node(node: Node, held: Together) -> int:
    values = [_present(match, held) for match in node.matches]
    value = min(values) if node.operator == "AND" else max(values)
    return YES - value if node.negate else value


def _present(match: CpeMatch, held: Together) -> int:
    """Whether anything of the asset meets a criterion: what runs on it is never all known, what it is made of is."""
    criterion = match.criterion
    if criterion.part == "h" and (criterion.vendor, f"{criterion.product}_firmware") in held.by_name:
        # NVD tells hardware and its firmware apart; who has the one has the other.
        return YES
    names = held.by_name if is_wild(criterion) else ((criterion.vendor, criterion.product),)
    values = [_condition(match, *one) for name in names for one in held.by_name.get(name, ())]
    best = max(values, default=NO)
    if best == NO and not (criterion.part in held.parts and criterion.part in {"o", "h"}):
        return MAYBE
    return best


def _condition(match: CpeMatch, product: Product, what: Known) -> int:
    value, reasons = answer(match, product, what)
    # Of a platform NVD writes `-` for whatever version: that it is there is enough.
    return YES if reasons == ("version-not-told",) and not match.vulnerable else value

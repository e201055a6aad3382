"""What can go wrong with networks: texts that are no prefix, plans that cannot be made."""

from inventory.errors import InventoryProblem


class NetworkProblem(InventoryProblem):
    """The family of errors about networks."""


class PrefixUnusable(NetworkProblem):
    """A text (`value`) is neither a prefix nor a range of addresses; `reason` is a code of the catalogues' reasons."""

    code = "prefix-unusable"


class PoolExhausted(NetworkProblem):
    """A pool has no aligned block left that is large enough: `wanted` for whom, `size` as a length of prefix."""

    code = "pool-exhausted"


class CircuitTableUnusable(NetworkProblem):
    """The table of thresholds does not say what it must; `reason` says what."""

    code = "circuit-table-unusable"

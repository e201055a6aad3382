"""What can go wrong in the inventory: the relational database, registers, what goes into them, and audits."""

from sensors.errors import Problem


class InventoryProblem(Problem):
    """The family of the inventory's errors."""


class DatabaseUnusable(InventoryProblem):
    """The relational database cannot be reached, opened, written or migrated; `reason` is its own word."""

    code = "database-unusable"

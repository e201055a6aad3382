"""What can go wrong with alerts."""

from sensors.errors import Problem


class DatabaseUnusable(Problem):
    """The relational database cannot be reached, opened, written or migrated; `reason` is its own word."""

    code = "database-unusable"


class CursorUnusable(Problem):
    """A page was asked for with a cursor that no earlier page gave."""

    code = "cursor-unusable"

"""What can go wrong with alerts."""

from sensors.errors import Problem


class DatabaseTaken(Problem):
    """Another data folder's process does for this database what one process does at a time; `role` says what."""

    code = "database-taken"


class CursorUnusable(Problem):
    """A page was asked for with a cursor that no earlier page gave."""

    code = "cursor-unusable"

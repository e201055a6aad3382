"""What can be wrong in context files; the place is the file, the line, and the field where one is at fault."""

from correlation.errors import CorrelationProblem


class ContextProblem(CorrelationProblem):
    """The family of errors in context files. `wanted` and some `reason`s are codes with words of their own."""


class ContextUnreadable(ContextProblem):
    """A file cannot be opened, is too long, or is neither YAML nor CSV; `reason` says which, nothing of it is used."""

    code = "context-unreadable"


class ContextKeyUnknown(ContextProblem):
    """A key or a column's heading (`key`) that does not exist, or stands twice; `nearest` was probably meant."""

    code = "context-key-unknown"


class ContextValueUnusable(ContextProblem):
    """A `value` that is not what its field wants (`wanted`); the entry is left out."""

    code = "context-value"


class ContextIncomplete(ContextProblem):
    """An entry or a space that lacks what it needs (`reason`); it is left out."""

    code = "context-incomplete"


class ContextSpaceUnknown(ContextProblem):
    """An entry of an address space (`name`) that no file describes, so that no event could meet it; it is left out."""

    code = "context-space-unknown"


class ContextConflict(ContextProblem):
    """Two entries for the same addresses and time say different things of `key`; that of the `first` place counts."""

    code = "context-conflict"

"""What can go wrong with exports of other programs."""

from inventory.errors import InventoryProblem


class ForeignProblem(InventoryProblem):
    """The family of errors in exports of other programs."""


class ForeignUnreadable(ForeignProblem):
    """An export cannot be read, or is not what its format says; `reason` is a code of the catalogues' reasons."""

    code = "foreign-unreadable"


class ForeignFormatUnknown(ForeignProblem):
    """No format recognises a file, or a format was said that does not exist; `known` lists those that do."""

    code = "foreign-format-unknown"


class ForeignEntryUnusable(ForeignProblem):
    """One entry of an export (`value` names it) cannot be used; `reason` is a code. The rest is."""

    code = "foreign-entry-unusable"


class ForeignRefused(ForeignUnreadable):
    """A server answers with the HTTP `status` of an error; `position` is where to go on."""

    code = "foreign-refused"


class ForeignUnreachable(ForeignUnreadable):
    """A server cannot be reached, or breaks off; `position` is where to go on, `reason` the library's word."""

    code = "foreign-unreachable"


class ForeignTokenUnusable(ForeignProblem):
    """What lets us in at a server cannot be had; `reason` says why."""

    code = "foreign-token"

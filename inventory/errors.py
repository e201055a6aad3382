"""What can go wrong in the inventory: the relational database, registers, what goes into them, and audits."""

from sensors.errors import Problem


class InventoryProblem(Problem):
    """The family of the inventory's errors."""


class DatabaseUnusable(InventoryProblem):
    """The relational database cannot be reached, opened, written or migrated; `reason` is its own word."""

    code = "database-unusable"


class RegisterUnknown(InventoryProblem):
    """There is no register of this `name`; `known` lists those that there are."""

    code = "register-unknown"


class RecordUnknown(InventoryProblem):
    """A `register` has no record that is called `key` at this time; `nearest` may have been meant."""

    code = "record-unknown"


class FieldUnknown(InventoryProblem):
    """A `register` has no field `key`; `nearest` was probably meant."""

    code = "register-field-unknown"


class RowProblem(InventoryProblem):
    """The family of what is wrong with one row of a table; the place is the file, the line and the field."""


class ValueUnusable(RowProblem):
    """A `value` that is not what its field wants; `wanted` is the code of what that is."""

    code = "row-value"


class ChoiceUnknown(RowProblem):
    """A `value` that is none of the `choices` of its field."""

    code = "row-choice"


class FieldMissing(RowProblem):
    """A new record lacks a field that every one must have."""

    code = "row-field-missing"


class KeyTwice(RowProblem):
    """A row names a record (`key`) that an earlier one (`first`: its place) named already."""

    code = "row-key-twice"


class KeyTaken(RowProblem):
    """A record would get a `key` that another one has."""

    code = "row-key-taken"


class KeyNotUnique(RowProblem):
    """Several records fit what a row names (`key`); `found` are what they are called."""

    code = "row-key-not-unique"


class ReferenceUnknown(RowProblem):
    """A row refers to a record (`name`) that its `register` does not have; `nearest` may have been meant."""

    code = "row-reference-unknown"


class ReferenceNotUnique(RowProblem):
    """A row refers to a record by a `name` that several in its `register` have; `found` are their keys."""

    code = "row-reference-not-unique"


class ReferenceCircular(RowProblem):
    """A record would be above itself: `path` is the way from it to it."""

    code = "row-reference-circular"


class FieldLocked(RowProblem):
    """A row would change a field that only people change (`kept` is its value, `value` the row's)."""

    code = "row-field-locked"

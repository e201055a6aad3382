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


class FieldValueUnusable(InventoryProblem):
    """A `value` that was said for a `field` and is not what that wants; `wanted` is the code of what that is."""

    code = "register-value"


class DayUnusable(InventoryProblem):
    """A `value` that is neither a day nor a time."""

    code = "day-unusable"


class NoDay(InventoryProblem):
    """A `text` that is no day."""

    code = "no-day"


class RecordUnknown(InventoryProblem):
    """A `register` has no record of this `name`; `nearest` may have been meant."""

    code = "record-unknown"


class RecordNotThen(InventoryProblem):
    """The record `name` of a `register` was not there at the moment `at`."""

    code = "record-not-then"


class RecordNotUnique(InventoryProblem):
    """Several records of a `register` have this `name`; `found` are their keys."""

    code = "record-not-unique"


class FieldUnknown(InventoryProblem):
    """A `register` has no field `key`; `nearest` was probably meant."""

    code = "register-field-unknown"


class RegistersNotEmpty(InventoryProblem):
    """A made-up city is to be written where there is something already."""

    code = "registers-not-empty"


class RecordProblem(InventoryProblem):
    """The family of what is wrong with one row of a table; the place is the file, the line and the field."""


class ValueUnusable(RecordProblem):
    """A `value` that is not what its field wants; `wanted` is the code of what that is."""

    code = "row-value"


class ChoiceUnknown(RecordProblem):
    """A `value` that is none of the `choices` of its field."""

    code = "row-choice"


class FieldMissing(RecordProblem):
    """A new record lacks a field that every one must have."""

    code = "row-field-missing"


class KeyTwice(RecordProblem):
    """A row names a record (`key`) that an earlier one (`first`: its place) named already."""

    code = "row-key-twice"


class KeyTaken(RecordProblem):
    """A record would get a `key` that another one has."""

    code = "row-key-taken"


class KeyNotUnique(RecordProblem):
    """Several records fit what a row names (`key`); `found` are what they are called."""

    code = "row-key-not-unique"


class ReferenceUnknown(RecordProblem):
    """A row refers to a record (`name`) that its `register` does not have; `nearest` may have been meant."""

    code = "row-reference-unknown"


class ReferenceNotUnique(RecordProblem):
    """A row refers to a record by a `name` that several in its `register` have; `found` are their keys."""

    code = "row-reference-not-unique"


class ReferenceCircular(RecordProblem):
    """A record would be above itself: `path` is the way from it to it."""

    code = "row-reference-circular"


class FieldLocked(RecordProblem):
    """A row would change a field that only people change (`kept` is its value, `value` the row's)."""

    code = "row-field-locked"

"""What can go wrong when registers are audited: what was asked for is not there, or an earlier audit cannot be read."""

from inventory.errors import InventoryProblem


class AuditProblem(InventoryProblem):
    """The family of errors of audits."""


class AuditScopeUnusable(AuditProblem):
    """A `text` that names no part of the city: neither `city`, `district/CODE` nor `unit/CODE`."""

    code = "audit-scope"


class AuditScopeUnknown(AuditProblem):
    """A `register` had no record that is called `key` on that `day`."""

    code = "audit-scope-unknown"


class BaselineUnusable(AuditProblem):
    """The place is a line of a file that is no earlier audit; `reason` is a code that says why."""

    code = "audit-baseline"

"""What can go wrong with incidents."""

from correlation.errors import CorrelationProblem


class IncidentProblem(CorrelationProblem):
    """The family of errors about incidents."""


class PolicyUnusable(IncidentProblem):
    """A file of rules for incidents (joining, severity, warning, grading) cannot be used; the place says where."""

    code = "incident-policy"


class IncidentUnknown(IncidentProblem):
    """No incident has this `id`, or several begin with it."""

    code = "incident-unknown"


class IncidentChanged(IncidentProblem):
    """Somebody was faster: the change was made for version `expected` of `id`, which is at `version` by now."""

    code = "incident-changed"


class ChangeRefused(IncidentProblem):
    """A change that cannot be made; `reason` is a code with words of its own."""

    code = "incident-change"

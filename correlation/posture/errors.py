"""What can go wrong with posture."""

from correlation.errors import CorrelationProblem


class PostureProblem(CorrelationProblem):
    """The family of errors about posture."""


class PosturePolicyUnusable(PostureProblem):
    """A file of weights cannot be used; the place says where."""

    code = "posture-policy"


class ScopeUnknown(PostureProblem):
    """No district, unit, tenant or sector has this `name`, or several have it; `known` names those that are near."""

    code = "posture-scope"


class SnapshotDamaged(PostureProblem):
    """A recorded snapshot (`at`) is not as it was written: `part` of it does not fit its digest."""

    code = "posture-damaged"

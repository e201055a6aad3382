"""What can go wrong in correlation: rules, matching, stores and queries."""

from sensors.errors import Problem


class CorrelationProblem(Problem):
    """The family of correlation's errors."""

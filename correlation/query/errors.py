"""What can be wrong with a query."""

from correlation.errors import CorrelationProblem


class QueryProblem(CorrelationProblem):
    """The family of errors in what was asked; `column` counts characters from 1 where it is known."""


class QuerySyntax(QueryProblem):
    """The query is not in the language: `column`, and the text `near` it."""

    code = "query-syntax"


class QueryTooLong(QueryProblem):
    """The query has more than `limit` characters or parts."""

    code = "query-too-long"


class QueryUnsupported(QueryProblem):
    """A piece of Lucene's syntax (`what`) that stores would answer differently, so it is not in the language."""

    code = "query-unsupported"


class QueryValue(QueryProblem):
    """`value` cannot be compared with `field`, which is of type `type`."""

    code = "query-value"


class QueryWildcard(QueryProblem):
    """The wildcard pattern `value` cannot be used on `field` of type `type`."""

    code = "query-wildcard"


class FieldNotSortable(QueryProblem):
    """Events cannot be sorted by `field`, which is of type `type`."""

    code = "query-field-not-sortable"


class FieldNotCountable(QueryProblem):
    """Values of `field`, which is of type `type`, cannot be counted."""

    code = "query-field-not-countable"


class CursorMismatch(QueryProblem):
    """`after` does not come from a page of this order, or is damaged."""

    code = "query-cursor"

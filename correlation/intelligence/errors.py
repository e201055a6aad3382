"""What can go wrong with indicators, feeds and allow lists."""

from correlation.errors import CorrelationProblem


class IntelligenceProblem(CorrelationProblem):
    """The family of errors in feeds."""


class IndicatorUnusable(IntelligenceProblem):
    """One entry of a feed (`value`) cannot be used; `reason` is a code of the catalogues' reasons. The rest is."""

    code = "indicator-unusable"


class FeedUnreadable(IntelligenceProblem):
    """A file, folder or server cannot be read, or does not hold what its format says; `reason` is the system's word."""

    code = "feed-unreadable"


class FeedFormatUnknown(IntelligenceProblem):
    """A file is neither a STIX bundle, nor an event or a feed of MISP, nor a table."""

    code = "feed-format-unknown"


class FeedNothing(IntelligenceProblem):
    """Nothing was named to be imported, neither on the command line nor in the settings."""

    code = "feed-nothing"


class BookUnusable(IntelligenceProblem):
    """The book of indicators cannot be opened, read or written, or a newer version wrote it."""

    code = "indicator-book-unusable"

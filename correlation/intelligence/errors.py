"""What can go wrong with indicators, feeds and allow lists."""

from typing import Final

from correlation.errors import CorrelationProblem


class IntelligenceProblem(CorrelationProblem):
    """The family of errors in feeds."""


class IndicatorUnusable(IntelligenceProblem):
    """One entry of a feed (`value`) cannot be used; `reason` is a code of the catalogues' reasons. The rest is."""

    code = "indicator-unusable"


class FeedUnreadable(IntelligenceProblem):
    """A file, folder or server cannot be read, or does not hold what its format says.

    `reason` is a code of the catalogues' reasons where there is one, else the words of the system or of a library.
    """

    code = "feed-unreadable"


class FeedRefused(FeedUnreadable):
    """A server answers with another HTTP `status` than that of success, such as that of a redirect."""

    code = "feed-refused"


class FeedUnforeseen(FeedUnreadable):
    """Reading a feed came upon what we do not cope with; `reason` is the kind of that error, its cause the error."""

    code = "feed-unforeseen"


class FeedFormatUnknown(IntelligenceProblem):
    """A file is neither a STIX bundle, nor an event or a feed of MISP, nor a table."""

    code = "feed-format-unknown"


class FeedNothing(IntelligenceProblem):
    """Nothing was named to be imported, neither on the command line nor in the settings."""

    code = "feed-nothing"


class FeedsNever(IntelligenceProblem):
    """Feeds are to be read again and again, but the settings say never."""

    code = "feeds-never"


class BookUnusable(IntelligenceProblem):
    """The book of indicators cannot be opened, read or written, or a newer version wrote it."""

    code = "indicator-book-unusable"


BY_CODE: Final[dict[str, type[IntelligenceProblem]]] = {
    kind.code: kind
    for kind in (IndicatorUnusable, FeedUnreadable, FeedRefused, FeedUnforeseen, FeedFormatUnknown, BookUnusable)
}
"""Problems that are kept and told later, by their code."""

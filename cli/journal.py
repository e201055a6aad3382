"""The journal of what is done: lines on stderr, warnings always, the rest when asked for."""

import logging
import sys

import structlog

from cli.output import err


def keep_journal(*, verbose: bool) -> None:
    """Say where lines go and which of them; before the first one is written."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", key="@timestamp"),
            structlog.dev.ConsoleRenderer(
                colors=err.is_terminal and not err.no_color,
                # As Python writes it: the other formatters show local variables, in which addresses with keys and
                # headers with tokens stand.
                exception_formatter=structlog.dev.plain_traceback,
            ),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG if verbose else logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )

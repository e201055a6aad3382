"""Windows go on with other correlations, without a restart: those that are as they were keep what they hold.

What was done since windows were written down last is not done again for the new ones, as a start would: a correlation
that is new could come true by it without being told, and stay silent afterwards.
"""

from sqlalchemy import Engine, delete, insert

from correlation.alerts.database import writing
from correlation.alerts.tables import window_operation, window_state
from correlation.windows.book import WindowBook
from correlation.windows.engine import Windows
from correlation.windows.state import dump


def renew(engine: Engine, book: WindowBook, windows: Windows) -> WindowBook:
    """The book of windows that go on from another book's, of which everything is written; that one is not used again.

    Args:
        engine: the database of both.
        book: what was at work.
        windows: empty ones.
    """
    row = {"id": 1, "sequence": book.sequence, "state": dump(book.windows)}
    with writing(engine) as connection:
        connection.execute(delete(window_operation))
        connection.execute(delete(window_state))
        connection.execute(insert(window_state), [row])
    return WindowBook(engine, windows)

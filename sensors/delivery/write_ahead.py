"""Switching a SQLite file to its write-ahead log, which several processes may do at the same moment."""

import sqlite3
import time

PATIENCE_SECONDS = 30.0
_PAUSE_SECONDS = 0.02


def switch_to_log(connection: sqlite3.Connection, patience: float = PATIENCE_SECONDS) -> None:
    """Use the write-ahead log; once a file has been switched it stays so.

    Two that switch a new file at once would wait for each other, so SQLite refuses one of them at once, however long
    its time-out is: that one tries again.

    Raises:
        sqlite3.OperationalError: the file is locked for longer than that, or cannot be written.
    """
    until = time.monotonic() + patience
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(_PAUSE_SECONDS)
        else:
            return

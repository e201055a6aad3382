"""The data folder of a process that was started as root and will not stay it."""

import os
import pwd
from pathlib import Path

from cli.ground import DataFolderUnusable
from sensors.errors import Place


def hand_over(data: Path, user: str) -> None:
    """Make the data folder for `user`, if this is root, it is missing, and a user is named.

    A folder that is there already is left as it is: whose it is was somebody's decision.

    Raises:
        DataFolderUnusable: it cannot be made, or there is no such user.
    """
    if not user or os.geteuid() != 0 or os.path.lexists(data):
        return
    try:
        entry = pwd.getpwnam(user)
        data.mkdir(mode=0o700, parents=True)
        os.chown(data, entry.pw_uid, entry.pw_gid)
    except (OSError, KeyError) as error:
        raise DataFolderUnusable(place=Place(str(data)), reason=str(error)) from error

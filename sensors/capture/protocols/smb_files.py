"""What is done to files of SMB: messages name an open file by a number, and a share by another.

MS-SMB2 sections 2.2.9 and 2.2.10 (TREE_CONNECT), 2.2.14 (CREATE), 2.2.39 (SET_INFO); MS-CIFS section 2.2.4. What a
number stands for was said when the share was connected to and the file opened; actions are named as Zeek names them in
smb_files.log.
"""

from dataclasses import dataclass, field
from typing import Any, Final

from sensors.capture.compiled import Words
from sensors.capture.protocols.model import Fields

MOST_FILES: Final = 1_024
MOST_SHARES: Final = 256
"""How many files and shares of one conversation are remembered; the oldest are forgotten first."""
MOST_TALKS: Final = 4_096
MOST_NAMES: Final = 32_768
"""How many conversations are remembered, and how many files of all of them; the oldest conversations go first."""

_OPENINGS: Final = {"PIPE": "SMB::PIPE_OPEN", "PRINT": "SMB::PRINT_OPEN"}
_DELETIONS: Final = frozenset({"DELETE", "DELETE_DIRECTORY"})
"""Commands of SMB 1 that delete by name."""


@dataclass(slots=True)
class _Talk:
    """Shares by session and tree, files by their identifier."""

    shares: dict[tuple[Any, Any], tuple[str, str]] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)


class Files:
    """Open files and connected shares, by conversation."""

    def __init__(self) -> None:
        """Nothing was opened yet."""
        self._talks: dict[int, _Talk] = {}
        self._names = 0

    def see(self, talk: int, fields: Fields) -> Fields:
        """Take the fields of a conversation's next event; those that only what came before it can give."""
        if not ("file.path" in fields or "smb.fuid" in fields or "smb.share_type" in fields):
            return {}
        known = self._talks.get(talk)
        if known is None:
            while len(self._talks) >= MOST_TALKS or self._names >= MOST_NAMES:
                self._drop(next(iter(self._talks)))
            known = self._talks[talk] = _Talk()
        tree = fields.get("smb.session_id"), fields.get("smb.tree_id")
        if "smb.share_type" in fields and "smb.path" in fields:
            _enter(known.shares, MOST_SHARES, tree, (fields["smb.path"], fields["smb.share_type"]))
        share, kind = known.shares.get(tree, ("", ""))
        path, identity = fields.get("file.path", ""), fields.get("smb.fuid", "")
        more: Fields = {}
        if identity and path and "smb.create_action" in fields:
            self._names -= len(known.files)
            _enter(known.files, MOST_FILES, identity, path)
            self._names += len(known.files)
        elif identity and not path and identity in known.files:
            path = more["file.path"] = known.files[identity]
        if share and (path or identity):
            more["smb.share"] = share
        if done := _actions(fields, kind):
            more["smb.action"] = done
        return more

    def forget(self, talks: Words) -> None:
        """These conversations have ended."""
        if self._talks:
            for talk in self._talks.keys() & set(talks.tolist()):
                self._drop(talk)

    def _drop(self, talk: int) -> None:
        self._names -= len(self._talks.pop(talk).files)


def _enter(table: dict[Any, Any], most: int, key: Any, value: Any) -> None:
    """Enter the newest, and forget the oldest where there are too many."""
    table.pop(key, None)
    table[key] = value
    if len(table) > most:
        del table[next(iter(table))]


def _actions(fields: Fields, kind: str) -> list[str]:
    """What an event does to a file, unless it was refused."""
    if fields.get("event.outcome") == "failure":
        return []
    opened = "smb.create_action" in fields
    actions = [_OPENINGS.get(kind, "SMB::FILE_OPEN")] if opened else []
    if "smb.rename_to" in fields:
        actions.append("SMB::FILE_RENAME")
    if fields.get("smb.delete") or (opened and "smb.delete_on_close" in fields) or (
        fields.get("smb.command") in _DELETIONS
    ):
        actions.append("SMB::FILE_DELETE")
    return actions

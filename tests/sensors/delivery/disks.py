"""A disk that fails as it is told to."""

import os
from dataclasses import dataclass
from errno import ENOSPC


@dataclass(slots=True)
class FailingDisk:
    """Takes `room` bytes more (None: any number), then fails with `code`; syncing fails with `sync` if that is set."""

    room: int | None = None
    code: int = ENOSPC
    sync_code: int = 0

    def __init__(self, room: int | None = None, code: int = ENOSPC, sync: int = 0) -> None:
        self.room, self.code, self.sync_code = room, code, sync

    def write(self, descriptor: int, data: memoryview, offset: int) -> int:
        if self.room is None:
            return os.pwrite(descriptor, data, offset)
        if self.room == 0:
            raise OSError(self.code, os.strerror(self.code))
        written = os.pwrite(descriptor, data[: self.room], offset)
        self.room -= written
        return written

    def sync(self, descriptor: int) -> None:
        if self.sync_code:
            raise OSError(self.sync_code, os.strerror(self.sync_code))
        os.fdatasync(descriptor)

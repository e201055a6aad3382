"""A stream is read as it comes, has an identity, and fills no disk."""

import os
import threading
import time
from pathlib import Path

from sensors.event.identity import HEAD_BYTES
from sensors.reading.streaming import stream


def test_what_comes_can_be_read_before_the_end(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    with stream(reading, tmp_path) as given:
        os.write(writing, b"one\n")
        given.wait()
        assert (given.content.read_bytes(), given.ended) == (b"one\n", False)
        os.write(writing, b"two\n")
        os.close(writing)
        given.wait()
        assert (given.content.read_bytes(), given.ended) == (b"one\ntwo\n", True)
    os.close(reading)
    assert not any(tmp_path.iterdir()), "the file has no name"


def test_readers_are_let_at_it_while_more_comes(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    ended = threading.Event()

    def write() -> None:
        while not ended.is_set():
            os.write(writing, b"x" * 65_536)
        os.close(writing)

    writer = threading.Thread(target=write)
    writer.start()
    with stream(reading, tmp_path) as given:
        begun = time.monotonic()
        given.wait()
        assert not given.ended
        assert time.monotonic() - begun < 30
        ended.set()
        while not given.ended:
            given.wait()
        assert given.content.stat().st_size == given.size
    writer.join()
    os.close(reading)


def test_what_was_read_is_given_back_to_the_disk(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    with stream(reading, tmp_path) as given:
        data = os.urandom(60_000)
        for number in range(20):
            os.write(writing, data)
            given.wait()
            given.give_back(60_000 * (number + 1))
        assert given.content.stat().st_size == 1_200_000
        assert given.content.stat().st_blocks * 512 < 100_000
        whole = given.content.read_bytes()
        assert whole[:HEAD_BYTES] == data[:HEAD_BYTES]
        assert whole[-HEAD_BYTES:] == data[-HEAD_BYTES:]
    os.close(writing)
    os.close(reading)

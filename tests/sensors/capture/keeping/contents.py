"""What stands in a capture, read by the product's own scanner, for comparing octet by octet."""

from pathlib import Path

import numpy as np

from sensors.capture import index as ix
from sensors.capture.container import Container
from sensors.capture.writing import Frame


def contents_of(data: bytes, path: Path) -> list[Frame]:
    path.write_bytes(data)
    return contents(path)


def contents(path: Path) -> list[Frame]:
    index = np.zeros((100_000, ix.COLUMNS), np.int64)
    found = []
    with Container(path) as capture:
        ended = False
        while not ended:
            count, fault, ended = capture.scan(index, capture.at + (8 << 20))
            assert fault is None
            for row in index[:count].tolist():
                octets = capture.data[row[ix.AT] : row[ix.AT] + row[ix.CAPTURED]].tobytes()
                found.append(Frame(row[ix.TIME], octets))
            capture.forget()
    return found

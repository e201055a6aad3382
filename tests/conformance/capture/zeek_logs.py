"""Zeek's logs as its baselines keep them: with their header, or with the names of the fields alone."""

from collections.abc import Iterator
from pathlib import Path


def rows(log: Path) -> Iterator[dict[str, str]]:
    """The rows of a log by the names of its fields, as Zeek writes their values."""
    names: list[str] = []
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
        if line.startswith(("#fields\t", "ts\t")):
            names = line.removeprefix("#fields\t").split("\t")
        elif not line.startswith("#"):
            yield dict(zip(names, line.split("\t"), strict=True))

"""Files that declare formats, loaded: what is good and what is not, one bad file never keeping the others away."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path

from sensors.errors import Place
from sensors.parsers.declared.document import Document
from sensors.parsers.declared.errors import DeclarationUnusable, FormatTwice
from sensors.parsers.declared.model import Declaration
from sensors.parsers.declared.reading import declaration_of

SUFFIXES = (".yml", ".yaml")
MAX_FILES = 2_000


@dataclass(slots=True)
class Loaded:
    """What some files declare, and what is wrong with the rest."""

    declarations: list[Declaration] = field(default_factory=list)
    problems: list[DeclarationUnusable] = field(default_factory=list)

    def add(self, name: str, data: bytes) -> None:
        """Read one file's bytes."""
        try:
            document = Document(name, data)
        except DeclarationUnusable as problem:
            self.problems.append(problem)
            return
        found = declaration_of(document)
        self.problems += document.problems
        if found is None:
            return
        other = next((known for known in self.declarations if known.name == found.name), None)
        if other is None:
            self.declarations.append(found)
        else:
            self.problems.append(FormatTwice(place=found.place, name=found.name, other=other.place.file))


@cache
def shipped() -> Sequence[Declaration]:
    """The product's own formats, in the order of their names.

    Raises:
        DeclarationUnusable: the product itself is broken.
    """
    loaded = Loaded()
    folder = files("sensors.parsers") / "formats"
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(SUFFIXES):
            loaded.add(f"formats/{entry.name}", entry.read_bytes())
    if loaded.problems:
        raise loaded.problems[0]
    return tuple(sorted(loaded.declarations, key=lambda one: one.name))


def load(paths: Iterable[Path], known: Sequence[Declaration] = ()) -> Loaded:
    """The formats that these files and folders declare, beside those that are `known` already."""
    loaded = Loaded(declarations=list(known))
    for path in paths:
        try:
            chosen = (
                sorted(file for file in path.iterdir() if file.suffix in SUFFIXES and not file.name.startswith("."))
                if path.is_dir()
                else [path]
            )
            for file in chosen[:MAX_FILES]:
                _read(file, loaded)
        except OSError as error:
            loaded.problems.append(_unreadable(path, error))
    return loaded


def _read(file: Path, loaded: Loaded) -> None:
    try:
        data = file.read_bytes()
    except OSError as error:
        loaded.problems.append(_unreadable(file, error))
        return
    loaded.add(str(file), data)


def _unreadable(path: Path, error: OSError) -> DeclarationUnusable:
    return DeclarationUnusable(place=Place(str(path)), reason=error.strerror or str(error))

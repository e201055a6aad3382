"""The settings of the whole: each room's section, one YAML file, environment variables, checked with clear errors.

What is said on the command line wins over the environment (`HANWATCH_API__PORT=8080`), that over the file, that over
the defaults. An unknown key is an error with its place and the nearest key that exists, never silently ignored.
"""

import difflib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import yaml
from pydantic import TypeAdapter, ValidationError

from api.settings import ApiSettings
from correlation.notifying.settings import NotifySettings
from correlation.posture.settings import PostureSettings
from correlation.settings import (
    ContextSettings,
    DetectorSettings,
    IncidentSettings,
    IntelligenceSettings,
    StoreSettings,
)
from inventory.indicators.settings import IndicatorSettings
from inventory.settings import InventorySettings
from sensors.capture.settings import CaptureSettings
from sensors.errors import Place, Problem
from sensors.settings import MOST_UNPACKED, ListenerSettings, ParserSettings, SpoolSettings

FILE_NAME = "hanwatch.yml"
PREFIX = "HANWATCH_"


class SettingsUnusable(Problem):
    """The settings cannot be used: an unknown key, a value of the wrong kind, a file that is no YAML."""

    code = "settings-unusable"


class SettingUnknown(SettingsUnusable):
    """A key that does not exist; `nearest` names the one that was probably meant."""

    code = "setting-unknown"


@dataclass(frozen=True, slots=True)
class RuleSettings:
    """Where rules come from."""

    folders: tuple[Path, ...] = ()
    """Folders and files with Sigma rules, beside the product's own pack."""
    own_pack: bool = True
    """Whether the product's own rules are loaded."""
    placeholders: tuple[Path, ...] = ()
    """YAML files with the values of placeholders (`%name%` behind the modifier `expand`)."""
    pipelines: tuple[Path, ...] = ()
    """Files of pySigma's processing pipelines, which all rules go through but those of this product."""
    exceptions: tuple[Path, ...] = ()
    """YAML files of what rules find and nobody wants to be told, with owner, reason and end (docs/ruling.md)."""
    lateness: float = 30.0
    """Seconds by which events may come later than newer ones and still be correlated as if they had not."""


@dataclass(frozen=True, slots=True)
class WatchSettings:
    """What `hanwatch run` and `hanwatch sensor` read as it grows."""

    paths: tuple[Path, ...] = ()
    every: float = 1.0
    """Seconds between two looks."""
    most_unpacked: int = MOST_UNPACKED
    """Bytes that one compressed file may hold unpacked; they need as much free disk below the data folder."""


@dataclass(frozen=True, slots=True)
class OwnerSettings:
    """Who is responsible for the sources whose name fits a pattern, such as `/var/log/nginx/*`."""

    pattern: str
    owner: str


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """What is known of sources beside what they send."""

    owners: tuple[OwnerSettings, ...] = ()
    """Of several patterns that fit, the first counts."""

    def owner_of(self, name: str) -> str | None:
        """Who is responsible for the source of this name; None where nobody was said."""
        return next((one.owner for one in self.owners if fnmatchcase(name, one.pattern)), None)


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of the whole."""

    data: Path = field(default_factory=lambda: Path("data"))
    """The folder below which everything embedded lives."""
    database: str = ""
    """SQLAlchemy URL of the relational database; empty: SQLite below `data`."""
    api: ApiSettings = field(default_factory=ApiSettings)
    spool: SpoolSettings = field(default_factory=SpoolSettings)
    store: StoreSettings = field(default_factory=StoreSettings)
    parsers: ParserSettings = field(default_factory=ParserSettings)
    rules: RuleSettings = field(default_factory=RuleSettings)
    context: ContextSettings = field(default_factory=ContextSettings)
    intelligence: IntelligenceSettings = field(default_factory=IntelligenceSettings)
    detectors: DetectorSettings = field(default_factory=DetectorSettings)
    incidents: IncidentSettings = field(default_factory=IncidentSettings)
    posture: PostureSettings = field(default_factory=PostureSettings)
    inventory: InventorySettings = field(default_factory=InventorySettings)
    indicators: IndicatorSettings = field(default_factory=IndicatorSettings)
    watch: WatchSettings = field(default_factory=WatchSettings)
    sources: SourceSettings = field(default_factory=SourceSettings)
    notify: NotifySettings = field(default_factory=NotifySettings)
    listeners: tuple[ListenerSettings, ...] = ()
    """What is received over the network; nothing unless it is said."""
    capture: CaptureSettings = field(default_factory=CaptureSettings)
    """Which interfaces are captured."""

    @property
    def database_url(self) -> str:
        """Where alerts live."""
        return self.database or f"sqlite:///{self.data / 'hanwatch.db'}"


def settings_file(file: Path | None, data: Path | None, environment: Mapping[str, str]) -> Path:
    """Which file settings are read from, whether it is there or not: `file`, else the usual one of the data folder."""
    return file or (data or Path(environment.get(f"{PREFIX}DATA", "") or "data")) / FILE_NAME


def load_settings(
    file: Path | None = None, data: Path | None = None, environment: Mapping[str, str] | None = None
) -> Settings:
    """Settings from the file (`hanwatch.yml` in the data folder if none is named), the environment and `data`.

    Raises:
        SettingsUnusable: a key is unknown or a value of the wrong kind; the place says where.
    """
    variables = os.environ if environment is None else environment
    usual = settings_file(file, data, variables)
    chosen = file or (usual if os.path.isfile(usual) else None)  # noqa: PTH113 - says no where it may not look
    tree = _from_file(chosen) if chosen else {}
    for name, text in sorted(variables.items()):
        if name.startswith(PREFIX) and name not in {f"{PREFIX}LANG", f"{PREFIX}CONFIG"}:
            keys = name.removeprefix(PREFIX).lower().split("__")
            _check(keys, Place(f"${name}"))
            for inner, _ in _keys(yaml.compose(text), tuple(keys)):
                _check(inner, Place(f"${name}"))
            _put(tree, keys, yaml.safe_load(text))
    if data is not None:
        tree["data"] = str(data)
    try:
        settings = TypeAdapter(Settings).validate_python(tree)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise SettingsUnusable(
            place=Place(str(chosen or f"${PREFIX}{'__'.join(map(str, first['loc'])).upper()}"), field=name),
            reason=first["msg"],
        ) from error
    return replace(settings, data=settings.data.expanduser().absolute())


def _from_file(file: Path) -> dict[str, Any]:
    try:
        text = file.read_text(encoding="utf-8")
        tree = yaml.safe_load(text) or {}
        root = yaml.compose(text)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsUnusable(place=Place(str(file)), reason=str(error)) from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise SettingsUnusable(place=Place(str(file), line), reason=error.problem or "no YAML") from error
    if not isinstance(tree, dict):
        raise SettingsUnusable(place=Place(str(file)), reason="not a mapping of keys to values")
    for keys, line in _keys(root):
        _check(keys, Place(str(file), line))
    return tree


def _keys(node: yaml.Node | None, above: tuple[str, ...] = ()) -> Iterator[tuple[list[str], int]]:
    """Every key of the document as a path, with its line."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            path = (*above, str(key.value))
            yield list(path), key.start_mark.line + 1
            yield from _keys(value, path)
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            yield from _keys(value, (*above, str(number)))


def _check(keys: list[str], place: Place) -> None:
    """Refuse a path of keys that leads nowhere."""
    section: Any = Settings
    for depth, key in enumerate(keys):
        if get_origin(section) is tuple and key.isdecimal():
            # A list of sections: its entries are numbered from 0.
            section = get_args(section)[0]
            continue
        known = {item.name for item in fields(section)} if is_dataclass(section) else set()
        if key not in known:
            nearest = difflib.get_close_matches(key, known, n=1)
            raise SettingUnknown(
                place=place,
                key=".".join(keys[: depth + 1]),
                nearest=".".join([*keys[:depth], *nearest]) if nearest else ", ".join(sorted(known)) or "-",
            )
        section = get_type_hints(section)[key]
        if not is_dataclass(section) and get_origin(section) is not tuple and depth + 1 < len(keys):
            raise SettingUnknown(place=place, key=".".join(keys), nearest=".".join(keys[: depth + 1]))


def _put(tree: dict[str, Any], keys: list[str], value: Any) -> None:
    for key in keys[:-1]:
        tree = tree.setdefault(key, {})
    tree[keys[-1]] = value

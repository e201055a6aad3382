"""The rules of a run."""

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from cli.settings import Settings
from correlation.rules.loading import Loaded, load_rules


def chosen_rules(settings: Settings, more: Sequence[Path] = ()) -> Loaded:
    """The rules that the settings name and those of `more`, and what is wrong with the others.

    Rules are kept as they were parsed in the data folder, where there is one.
    """
    cache = settings.data / "cache" / "rules" if settings.data.is_dir() else None
    return load_rules(rule_paths(settings, more), cache=cache)


def rule_paths(settings: Settings, more: Sequence[Path] = ()) -> list[Path]:
    """Where rules are loaded from, the product's own pack first."""
    own = [Path(str(files("correlation") / "pack"))] if settings.rules.own_pack else []
    return [*own, *settings.rules.folders, *more]

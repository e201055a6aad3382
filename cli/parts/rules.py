"""The rules of a run."""

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from cli.settings import Settings
from correlation.errors import RuleProblem
from correlation.rules.loading import Loaded, load_rules
from correlation.rules.pipelines import load_pipelines
from correlation.rules.placeholders import load_placeholders
from correlation.rules.processing import Processing


def chosen_rules(settings: Settings, more: Sequence[Path] = ()) -> Loaded:
    """The rules that the settings name and those of `more`, and what is wrong with the others."""
    return processed_rules(settings, rule_paths(settings, more))


def processed_rules(
    settings: Settings,
    paths: Sequence[Path],
    *,
    pipelines: Sequence[Path] = (),
    placeholders: Sequence[Path] = (),
) -> Loaded:
    """The rules below these paths, as the settings and these files process them.

    Rules are kept as they were parsed in the data folder, where there is one.
    """
    own = settings.rules
    processing, wrong = processing_of((*own.pipelines, *pipelines), (*own.placeholders, *placeholders))
    cache = settings.data / "cache" / "rules" if settings.data.is_dir() else None
    loaded = load_rules(paths, cache, processing)
    return loaded._replace(problems=[*wrong, *loaded.problems])


def processing_of(pipelines: Sequence[Path], placeholders: Sequence[Path]) -> tuple[Processing, list[RuleProblem]]:
    """What these files do to rules, and what is wrong with the others."""
    steps, wrong = load_pipelines(pipelines)
    values, also = load_placeholders(placeholders)
    return Processing(tuple(steps), values), [*wrong, *also]


def rule_paths(settings: Settings, more: Sequence[Path] = ()) -> list[Path]:
    """Where rules are loaded from, the product's own pack first, then the settings', then what was imported."""
    own = [Path(str(files("correlation") / "pack"))] if settings.rules.own_pack else []
    imported = imported_folder(settings)
    return [*own, *settings.rules.folders, *([imported] if imported.is_dir() else ()), *more]


def imported_folder(settings: Settings) -> Path:
    """Where `hanwatch rules import` puts rules; nothing is there until it has."""
    return settings.data / "rules"

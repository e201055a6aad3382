"""`hanwatch detectors`: which there are, what they look at, and which are switched off."""

import typer

from cli.ground import settings_of
from cli.options import DataOption, JsonOption
from cli.output import json_line, language, table, tell
from cli.parts.detectors_chosen import chosen_detectors
from correlation.detectors.places import Places
from correlation.detectors.registry import DETECTORS, Ground


def list_detectors(context: typer.Context, data: DataOption = None, as_json: JsonOption = False) -> None:
    """List the detectors of behaviour."""
    on = chosen_detectors(settings_of(context, data))
    known = {name: made(Ground(Places(()), 0)) for name, made in DETECTORS.items()}
    if as_json:
        for name, detector in known.items():
            about = detector.about
            json_line({
                "name": name, "rule": {"id": about.id, "title": about.title, "title_zh": about.title_zh},
                "level": about.level, "attack": [*about.tactics, *about.techniques],
                "datasets": sorted(detector.datasets), "on": name in on,
            })  # fmt: skip
        return
    chinese = language == "zh"
    table(
        tuple(tell(f"cli.column.{column}") for column in ("detector", "state", "level", "title", "dataset")),
        (
            (
                name, tell(f"cli.detectors.{'on' if name in on else 'off'}"), detector.about.level,
                detector.about.title_zh if chinese else detector.about.title, ", ".join(sorted(detector.datasets)),
            )
            for name, detector in known.items()
        ),
        fold=(3, 4),
    )  # fmt: skip

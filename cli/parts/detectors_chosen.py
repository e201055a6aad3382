"""Which detectors the settings leave on; apart from their work, so that commands that only name them stay quick."""

import difflib

from cli.settings import Settings, SettingUnknown
from correlation.detectors.model import Detector
from correlation.detectors.places import Places
from correlation.detectors.registry import DETECTORS, Ground
from sensors.errors import Place
from sensors.event.times import SECOND


def chosen_detectors(settings: Settings) -> dict[str, Detector]:
    """Those that the settings leave on, by name, knowing nothing yet.

    Raises:
        SettingUnknown: a detector is switched off that does not exist.
    """
    said = settings.detectors
    for name in said.off:
        if name not in DETECTORS:
            nearest = difflib.get_close_matches(name, DETECTORS, n=1) or sorted(DETECTORS)
            raise SettingUnknown(place=Place("detectors.off"), key=name, nearest=", ".join(nearest))
    if not said.enabled:
        return {}
    ground = Ground(Places(said.inside), said.learning_hours * 3_600 * SECOND)
    return {name: made(ground) for name, made in DETECTORS.items() if name not in said.off}

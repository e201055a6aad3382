"""What every channel has: a place in the registry, bounds, its evidence, a line of the documentation, and tests."""

from importlib import import_module
from pathlib import Path
from typing import get_args

import pytest

from correlation.notifying.channels.registry import BOUNDS, CHANNELS
from correlation.notifying.rendering import FILES
from correlation.notifying.settings import ChannelKind

ROOT = Path(__file__).parents[4]
KINDS = get_args(ChannelKind)


@pytest.mark.parametrize("kind", KINDS)
def test_a_channel_states_its_evidence_and_is_documented(kind: ChannelKind) -> None:
    module = import_module(f"correlation.notifying.channels.{kind}")
    assert module.__doc__ is not None
    assert any(word in module.__doc__ for word in ("Evidence:", "RFC ")), "where is it said what the other side wants?"
    assert f"| `{kind}` |" in (ROOT / "docs" / "notification.md").read_text(encoding="utf-8")
    assert "title" in BOUNDS[kind].forms


def test_all_kinds_of_the_settings_are_there() -> None:
    assert list(CHANNELS) == list(BOUNDS) == list(KINDS)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_form_has_its_template_in_both_languages(language: str) -> None:
    folder = ROOT / "correlation" / "notifying" / "templates" / language
    assert {file.name for file in folder.iterdir()} == {*FILES.values(), "words.yml"}

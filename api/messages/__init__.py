"""Catalogues of messages, Chinese and English: only the API, the command line and the console show text.

A message is a code with parameters. The rooms below raise codes; here they become sentences.
"""

import os
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Literal, TypeAlias

import yaml

from sensors.errors import Problem

Language: TypeAlias = Literal["zh", "en"]
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's where it is there: every command reads a catalogue, and Python alone takes 20 times as long."""

LANGUAGES: tuple[Language, ...] = ("zh", "en")


@cache
def catalogue(language: Language) -> Mapping[str, str]:
    """All messages of a language by code."""
    text = (files(__package__) / f"{language}.yml").read_text(encoding="utf-8")
    messages: dict[str, str] = yaml.load(text, Loader=_Loader)  # noqa: S506 - both loaders are the safe ones
    return messages


def knows(code: str) -> bool:
    """Whether the catalogues have a message of this code; reasons of rejects may come from parsers they do not know."""
    return code in catalogue("en")


def say(code: str, language: Language, **parameters: object) -> str:
    """The message of a code in a language, filled with its parameters."""
    template = catalogue(language)[code]
    needed = {name for _, name, _, _ in Formatter().parse(template) if name}
    known = {name: _text(parameters.get(name, f"<{name}>")) for name in needed}
    return template.format(**known)


def _text(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def explain(problem: Problem, language: Language) -> str:
    """A problem as a sentence that says where, what and what to do."""
    text = say(problem.code, language, **{key: _spelled(value, language) for key, value in problem.parameters.items()})
    return f"{problem.place}: {text}" if problem.place else text


def _spelled(value: object, language: Language) -> object:
    """A reason may be a code of its own."""
    return say(f"reason.{value}", language) if isinstance(value, str) and knows(f"reason.{value}") else value


def preferred_language(environment: Mapping[str, str] | None = None) -> Language:
    """The language that the environment asks for: HANWATCH_LANG, else the locale; English unless it is Chinese."""
    asked = os.environ if environment is None else environment
    for name in ("HANWATCH_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        if value := asked.get(name):
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"

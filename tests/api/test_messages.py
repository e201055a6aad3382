import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from string import Formatter

import pytest

import api
import cli
import correlation
import inventory
import sensors
from api.messages import LANGUAGES, catalogue, explain, preferred_language, say
from sensors.errors import Place, Problem, UnreadableInput


def _problems() -> Iterator[type[Problem]]:
    """Every problem that any room can raise."""
    for room in (sensors, inventory, correlation, api, cli):
        for module in walk_packages(room.__path__, f"{room.__name__}."):
            if ".migrations" not in module.name and not module.name.endswith("__main__"):
                import_module(module.name)
    found = [Problem]
    while found:
        kind = found.pop()
        found.extend(kind.__subclasses__())
        if "code" in vars(kind):
            yield kind


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_problem_has_a_message(language: str) -> None:
    missing = sorted({kind.code for kind in _problems()} - set(catalogue("zh" if language == "zh" else "en")))
    assert missing == []


def test_both_catalogues_have_the_same_codes_and_parameters() -> None:
    chinese, english = catalogue("zh"), catalogue("en")
    assert set(chinese) == set(english)
    for code, text in chinese.items():
        assert _parameters(text) == _parameters(english[code]), code


def test_chinese_is_chinese_and_english_is_not() -> None:
    for code, text in catalogue("en").items():
        assert not re.search(r"[一-鿿]", text.replace("汉望", "")), code


def _parameters(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_a_problem_says_where_and_what() -> None:
    problem = UnreadableInput(place=Place("/logs/a.log", 7), reason="Permission denied")
    assert explain(problem, "en") == "/logs/a.log:7: cannot be read: Permission denied."
    assert explain(problem, "zh") == "/logs/a.log:7: 无法读取：Permission denied。"


def test_lists_are_spelled_out() -> None:
    assert say("format-not-named", "en", format="x", known=["pcap", "ecs.json"]).endswith("Known are: pcap, ecs.json.")


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "zh_CN"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "HANWATCH_LANG": "en"}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
    ],
)
def test_the_language_comes_from_the_environment(environment: dict[str, str], language: str) -> None:
    assert preferred_language(environment) == language


def test_a_problem_is_raised_with_every_parameter_of_its_message() -> None:
    codes = {kind.__name__: kind.code for kind in _problems()}
    lacking = []
    for room in (sensors, inventory, correlation, api, cli):
        for file in Path(room.__path__[0]).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in codes):
                    continue
                given = {keyword.arg for keyword in node.keywords}
                needed = _parameters(catalogue("en")[codes[node.func.id]])
                # None stands for `**parameters`, which cannot be known before it runs.
                if None not in given and not needed <= given:
                    lacking.append(f"{file}:{node.lineno} {node.func.id} lacks {needed - given}")
    assert lacking == []

"""The habits of the house, as tests."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("sensors", "inventory", "correlation", "playbooks", "api", "cli")
LONGEST = 500


def _modules() -> Iterator[Path]:
    for room in ROOMS:
        yield from (file for file in sorted((ROOT / room).rglob("*.py")) if "/versions/" not in str(file))


def _tests() -> Iterator[Path]:
    for room in ROOMS:
        yield from sorted((ROOT / "tests" / room).rglob("test_*.py"))


@pytest.mark.parametrize("module", list(_modules()), ids=lambda file: str(file.relative_to(ROOT)))
def test_a_module_says_what_it_is_for_and_stays_short(module: Path) -> None:
    text = module.read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(text)), "a module begins with what it is for"
    assert text.count("\n") <= LONGEST, "split at the second noun"


@pytest.mark.parametrize("test", list(_tests()), ids=lambda file: str(file.relative_to(ROOT)))
def test_tests_mirror_the_code(test: Path) -> None:
    inside = test.relative_to(ROOT / "tests")
    code = ROOT / inside.parent / inside.name.removeprefix("test_")
    known = code.exists() or code.with_suffix("").is_dir() or inside in OF_A_WHOLE_ROOM
    assert known, "which module is this the test of?"


OF_A_WHOLE_ROOM = frozenset(
    Path(name)
    for name in (
        "cli/test_help.py",
        "cli/test_killed.py",
        "cli/test_bad_input.py",
        "sensors/capture/test_fuzz.py",
        "sensors/parsers/test_formats.py",
        "sensors/parsers/test_fuzz.py",
        "correlation/matcher/test_agreement.py",
        "correlation/pack/test_captures.py",
        "correlation/pack/test_pack.py",
        "correlation/store/test_agreement.py",
        "correlation/store/test_contract.py",
    )
)
"""Tests of what several modules do together."""


def test_no_word_of_the_workplace_is_in_the_product() -> None:
    foreign = re.compile(r"\.\./shared|/(?:work|root)/")
    allowed = {"Makefile", "tests/conformance", "tests/test_conventions.py"}
    for file in _product_files():
        name = str(file.relative_to(ROOT))
        if not any(name.startswith(prefix) for prefix in allowed):
            assert not foreign.search(file.read_text(encoding="utf-8", errors="replace")), name


def _product_files() -> Iterator[Path]:
    for folder in (*ROOMS, "tests", "docs"):
        for file in sorted((ROOT / folder).rglob("*")):
            if file.suffix in {".py", ".md", ".yml", ".toml", ".js", ".html", ".css"}:
                yield file
    yield from (file for file in ROOT.iterdir() if file.suffix in {".md", ".toml"})

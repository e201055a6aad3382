"""Context that is shown is that of its files, unless they have been broken."""

from pathlib import Path

import pytest

from cli.parts.following import Following, ShowsPosture
from cli.settings import Settings
from correlation.settings import ContextSettings

ENTRY = "entries:\n  - {{asset: portal, network: {0}, unit: {1}}}\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "context.yml"
    made.write_text(ENTRY.format("192.0.2.1", "Bureau"), encoding="utf-8")
    return made


def units(following: Following) -> list[str | None]:
    return [one.known.unit for one in following().entries]


def test_a_changed_file_is_read_again_and_an_unchanged_one_is_not(file: Path) -> None:
    following = Following([file], lambda _: None)
    first = following()
    assert following() is first
    file.write_text(ENTRY.format("192.0.2.1", "Office"), encoding="utf-8")
    assert units(following) == ["Office"]


def test_a_broken_file_leaves_what_was_known_and_is_told_once(file: Path) -> None:
    told: list[str] = []
    following = Following([file], lambda problem: told.append(problem.code))
    assert units(following) == ["Bureau"]
    file.write_text(ENTRY.format("nowhere", "Office"), encoding="utf-8")
    assert units(following) == ["Bureau"]
    assert units(following) == ["Bureau"]
    assert len(told) == 1
    file.write_text(ENTRY.format("192.0.2.2", "Office"), encoding="utf-8")
    assert units(following) == ["Office"]


def test_what_was_broken_from_the_beginning_stands_in_nobodys_way(file: Path) -> None:
    broken = "  - {asset: mail, network: nowhere, unit: Other}\n"
    file.write_text(file.read_text() + broken, encoding="utf-8")
    following = Following([file], lambda _: None)
    assert units(following) == ["Bureau"]
    file.write_text(ENTRY.format("192.0.2.1", "Office") + broken, encoding="utf-8")
    assert units(following) == ["Office"]


def test_a_posture_that_is_shown_knows_a_unit_that_was_declared_since(file: Path, tmp_path: Path) -> None:
    with ShowsPosture(Settings(tmp_path / "data", context=ContextSettings((file,)))) as house:
        assert named(house) == {"Bureau"}
        file.write_text(ENTRY.format("192.0.2.1", "Office"), encoding="utf-8")
        assert named(house) == {"Office"}


def named(house: ShowsPosture) -> set[str]:
    """The units of a posture that is made now."""
    return {scope.name for scope in house.posture.at().standings if scope.kind == "unit"}

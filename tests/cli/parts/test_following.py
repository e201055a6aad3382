"""Context that is shown is that of its files, unless they have been broken."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.parts.following import Following, Rereading, ShowsPosture
from cli.settings import Settings, load_settings, settings_file
from inventory.database import open_database
from inventory.store.schema import SCHEMA
from tests.databases import closing
from tests.inventory.filling import Filled

ENTRY = "entries:\n  - {{asset: portal, network: {0}, unit: {1}}}\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "context.yml"
    made.write_text(ENTRY.format("192.0.2.1", "Bureau"), encoding="utf-8")
    return made


def units(following: Following) -> list[str | None]:
    return [one.known.unit for one in following().entries]


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[Filled]:
    with closing(open_database(f"sqlite:///{tmp_path / 'hanwatch.db'}", (SCHEMA,))) as engine:
        yield Filled(engine)


def test_a_changed_file_is_read_again_and_an_unchanged_one_is_not(file: Path, filled: Filled) -> None:
    following = Following(lambda: [file], lambda: filled.inventory, lambda _: None)
    first = following()
    assert following() is first
    file.write_text(ENTRY.format("192.0.2.1", "Office"), encoding="utf-8")
    assert units(following) == ["Office"]


def test_changed_registers_are_read_again(file: Path, filled: Filled) -> None:
    following = Following(lambda: [file], lambda: filled.inventory, lambda _: None)
    assert units(following) == ["Bureau"]
    filled.fill("units", {"code": "U1", "name": "Office"})
    filled.fill("assets", {"code": "A1", "unit": "U1", "addresses": "192.0.2.2"})
    assert units(following) == ["Bureau", "Office"]


def test_a_broken_file_leaves_what_was_known_and_is_told_once(file: Path, filled: Filled) -> None:
    told: list[str] = []
    following = Following(lambda: [file], lambda: filled.inventory, lambda problem: told.append(problem.code))
    assert units(following) == ["Bureau"]
    file.write_text(ENTRY.format("nowhere", "Office"), encoding="utf-8")
    assert units(following) == ["Bureau"]
    assert units(following) == ["Bureau"]
    assert len(told) == 1
    file.write_text(ENTRY.format("192.0.2.2", "Office"), encoding="utf-8")
    assert units(following) == ["Office"]


def test_what_was_broken_from_the_beginning_stands_in_nobodys_way(file: Path, filled: Filled) -> None:
    broken = "  - {asset: mail, network: nowhere, unit: Other}\n"
    file.write_text(file.read_text() + broken, encoding="utf-8")
    following = Following(lambda: [file], lambda: filled.inventory, lambda _: None)
    assert units(following) == ["Bureau"]
    file.write_text(ENTRY.format("192.0.2.1", "Office") + broken, encoding="utf-8")
    assert units(following) == ["Office"]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[ShowsPosture]:
    settings = load_settings(data=tmp_path / "data", environment={})
    written = settings_file(None, settings.data, {})
    with ShowsPosture(settings, written, lambda: load_settings(data=settings.data, environment={})) as made:
        yield made


def test_a_posture_that_is_shown_knows_a_unit_and_a_file_that_were_declared_since(
    house: ShowsPosture, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert named(house) == set()
    written = house.settings.data / "hanwatch.yml"
    written.write_text(f"context: {{files: [{file}]}}", encoding="utf-8")
    assert named(house) == {"Bureau"}
    file.write_text(ENTRY.format("192.0.2.1", "Office"), encoding="utf-8")
    assert named(house) == {"Office"}
    written.write_text("contxt: {files: []}", encoding="utf-8")
    assert named(house) == named(house) == {"Office"}
    assert capsys.readouterr().err.count("contxt") == 1
    written.write_text(f"context: {{files: [{file}, {file.with_name('none.yml')}]}}", encoding="utf-8")
    assert named(house) == {"Office"}, "what is not there yet takes nothing away"
    file.with_name("none.yml").write_text(ENTRY.replace("portal", "mail").format("192.0.2.9", "Port"), encoding="utf-8")
    assert named(house) == {"Office", "Port"}


def test_settings_that_did_not_change_are_not_read_again(house: ShowsPosture, tmp_path: Path) -> None:
    read = []

    def again() -> Settings:
        read.append(1)
        return house.settings

    current = Rereading(house.settings, tmp_path / "hanwatch.yml", again, lambda _: None)
    for _ in range(3):
        assert current() is house.settings
    assert len(read) == 1


def named(house: ShowsPosture) -> set[str]:
    """The units of a posture that is made now."""
    return {scope.name for scope in house.posture.at().standings if scope.kind == "unit"}

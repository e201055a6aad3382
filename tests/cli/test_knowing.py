"""What registers say reaches a live correlator without anybody asking; files do not."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli import knowing
from cli.house import House
from cli.knowing import Knowing
from cli.settings import RuleSettings, Settings
from correlation.settings import ContextSettings
from tests.inventory.filling import Filled

ENTRY = "entries:\n  - {{asset: {0}, network: 192.0.2.1}}\n"


class _Live:
    def __init__(self, folder: Path) -> None:
        self.file = folder / "context.yml"
        self.file.write_text(ENTRY.format("portal"), encoding="utf-8")
        settings = Settings(
            folder / "data", rules=RuleSettings((), own_pack=False), context=ContextSettings((self.file,))
        )
        self.house = House(settings)
        self.correlator = self.house.correlator(self.house.rules(), live=True)
        self.knowing = Knowing(self.house, self.correlator)
        self.filled = Filled(self.house.database)

    def wait(self, entries: int) -> None:
        end = time.monotonic() + 20
        while len(self.house.landscape.entries) != entries and time.monotonic() < end:
            self.knowing.look()
            time.sleep(0.01)
        assert len(self.house.landscape.entries) == entries


@pytest.fixture
def live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[_Live]:
    monkeypatch.setattr(knowing, "EVERY", 0.0)
    made = _Live(tmp_path)
    with made.house, made.house.matching():
        yield made


def test_registers_are_taken_up_while_events_are_matched(live: _Live) -> None:
    before = live.correlator.looking.enrichers
    live.knowing.look()
    assert live.correlator.looking.enrichers is before
    live.filled.fill("assets", {"code": "A1", "name": "mail", "addresses": "192.0.2.2"})
    live.wait(2)
    assert live.correlator.looking.enrichers is not before


def test_files_wait_until_somebody_asks(live: _Live) -> None:
    live.file.write_text(ENTRY.format("other"), encoding="utf-8")
    live.filled.fill("assets", {"code": "A1", "name": "mail", "addresses": "192.0.2.2"})
    live.wait(2)
    assert [one.known.asset for one in live.house.landscape.entries] == ["portal", "mail"]


def test_a_fault_leaves_what_was_known_and_is_tried_again(live: _Live, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise OSError("no database")

    live.filled.fill("assets", {"code": "A1", "name": "mail", "addresses": "192.0.2.2"})
    with monkeypatch.context() as patched:
        patched.setattr(knowing, "with_registers", broken)
        for _ in range(50):
            live.knowing.look()
            time.sleep(0.002)
        assert len(live.house.landscape.entries) == 1
    live.wait(2)

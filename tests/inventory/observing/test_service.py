"""Through a real spool, and killed between looking and writing."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from inventory.observing.book import SightingBook
from inventory.observing.service import CONSUMER, Observing
from sensors.delivery.spool import EmbeddedSpool
from sensors.reading.model import Position
from sensors.settings import SpoolSettings
from tests.correlation.matcher.making import make_batch
from tests.inventory.filling import Filled
from tests.sensors.delivery.making import portion, source, ticking


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[EmbeddedSpool]:
    with EmbeddedSpool(tmp_path / "spool", SpoolSettings(min_free_bytes=0), ticking()) as opened:
        yield opened


def _append(spool: EmbeddedSpool, name: str, *addresses: str) -> None:
    made = portion(source(name), Position(), len(addresses))
    rows = make_batch([{"source.ip": one} for one in addresses], dataset="netflow.flow")
    batches = tuple(replace(rows, source=source(name), ids=one.ids, ordinals=one.ordinals) for one in made.batches)
    spool.append(source(name), "lines", replace(made, batches=batches), Position())


def test_what_was_looked_at_is_let_go_when_it_is_written_and_not_before(filled: Filled, spool: EmbeddedSpool) -> None:
    book = SightingBook(filled.inventory._engine)
    _append(spool, "a", "10.1.0.1", "10.1.0.2", "8.8.8.8")
    killed = Observing(spool, book, filled.inventory, lambda: 0)
    assert killed.step() == 3
    assert spool.acknowledged(CONSUMER) == 0
    again = Observing(spool, book, filled.inventory, lambda: 0)
    assert again.step() == 3
    assert again.step() is None
    again.write()
    assert spool.acknowledged(CONSUMER) == 1
    assert set(book.by_address()) == {"10.1.0.1", "10.1.0.2"}


def test_a_network_that_is_registered_meanwhile_is_ours_from_then_on(filled: Filled, spool: EmbeddedSpool) -> None:
    book = SightingBook(filled.inventory._engine)
    observing = Observing(spool, book, filled.inventory, lambda: filled.now)
    _append(spool, "a", "203.0.113.1")
    observing.step()
    filled.fill("address_spaces", {"name": "extranet"})
    filled.fill("prefixes", {"network": "203.0.113.0/24", "space": "extranet", "domain": "extranet"})
    observing.write()
    _append(spool, "b", "203.0.113.2")
    observing.step()
    observing.write()
    assert set(book.by_address()) == {"203.0.113.2"}


def test_a_fault_of_one_batch_is_told_and_the_rest_goes_on(
    filled: Filled, spool: EmbeddedSpool, capfd: pytest.CaptureFixture[str]
) -> None:
    book = SightingBook(filled.inventory._engine)
    _append(spool, "a", "10.1.0.1")
    observing = Observing(spool, book, filled.inventory, lambda: 0)
    look = observing._folding.look
    broken = iter([True])

    def breaking(batch: object) -> None:
        if next(broken, False):
            raise RuntimeError("ours")
        look(batch)  # type: ignore[arg-type]

    observing._folding.look = breaking  # type: ignore[method-assign]
    _append(spool, "b", "10.1.0.2")
    while observing.step() is not None:
        pass
    observing.write()
    assert set(book.by_address()) == {"10.1.0.2"}
    assert "was not looked at" in capfd.readouterr().out

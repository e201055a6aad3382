from sqlalchemy import Engine

from inventory.observing.book import SightingBook
from inventory.observing.model import Proof, Seen, Sighting

AT = Sighting("10.1.0.1", "service", "tcp/443")


def _seen(first: str, last: str, event: str) -> Seen:
    return Seen(AT, first, last, Proof("network.flow", event, "eth0"))


def test_what_is_written_again_stays_the_same_and_days_become_more(engine: Engine) -> None:
    book = SightingBook(engine)
    assert book.since() is None
    book.write([_seen("2026-03-02", "2026-03-03", "b")])
    book.write([_seen("2026-03-02", "2026-03-03", "b"), _seen("2026-03-03", "2026-03-05", "c")])
    assert book.by_address() == {"10.1.0.1": [_seen("2026-03-02", "2026-03-05", "b")]}
    book.write([_seen("2026-03-01", "2026-03-01", "a")])
    assert book.by_address() == {"10.1.0.1": [_seen("2026-03-01", "2026-03-05", "a")]}
    assert book.since() == "2026-03-01"
    book.write([])


def test_a_name_that_never_ends_is_cut(engine: Engine) -> None:
    book = SightingBook(engine)
    sighting, day = Sighting("10.1.0.1", "server_name", "x" * 5_000), "2026-03-01"
    book.write([Seen(sighting, day, day, Proof("d", "e", "s"))])
    ((seen,),) = book.by_address().values()
    assert len(seen.sighting.value) == 255

"""Questions to real name servers on loopback, honest and not."""

import time
from collections.abc import Iterator
from itertools import count

import dns.message
import dns.rcode
import pytest

from inventory.probing.asking import ALIASES, RECORDS, ask, place_of
from inventory.probing.model import Limits, Lookup
from tests.inventory.serving import NameServer, Zone

LIMITS = Limits(dns_seconds=0.4)
NAME = "www.example.gov.cn"


@pytest.fixture
def server() -> Iterator[NameServer]:
    zone = Zone()
    zone.put(NAME, "AAAA", "240e:3a1:100::80", "240e:3a1:100::81")
    zone.put("alias.example.gov.cn", "CNAME", f"{NAME}.")
    zone.put("plain.example.gov.cn", "A", "202.103.24.80")
    made = NameServer(zone, "127.0.0.1", port=0)
    made.zone = zone  # type: ignore[attr-defined]
    yield made
    made.close()


def asked(server: NameServer, name: str = NAME, kind: str = "AAAA") -> Lookup:
    return ask(server.place, name, kind, "udp", recursive=True, limits=LIMITS, clock=lambda: 7)


@pytest.mark.parametrize(
    ("name", "told", "records", "chain"),
    [
        (NAME, "found", ("240e:3a1:100::80", "240e:3a1:100::81"), ()),
        ("alias.example.gov.cn", "found", ("240e:3a1:100::80", "240e:3a1:100::81"), (NAME,)),
        ("plain.example.gov.cn", "none", (), ()),
        ("nobody.example.gov.cn", "no-name", (), ()),
        ("a" * 64 + ".cn", "malformed", (), ()),
        ("a..b", "malformed", (), ()),
    ],
)
def test_what_a_server_tells(
    server: NameServer, name: str, told: str, records: tuple[str, ...], chain: tuple[str, ...]
) -> None:
    found = asked(server, name)
    assert (found.told, found.records, found.chain, found.at) == (told, records, chain, 7)


def test_nobody_there() -> None:
    found = ask("127.0.0.1#1", NAME, "AAAA", "tcp", recursive=True, limits=LIMITS, clock=lambda: 0)
    assert (found.told, found.detail) == ("unreachable", "Connection refused")


def test_what_is_truncated_is_asked_again_over_tcp(server: NameServer) -> None:
    server.zone.put(NAME, "AAAA", *(f"240e:3a1::{n:x}" for n in range(1, 200)))  # type: ignore[attr-defined]
    found = asked(server)
    assert found.told == "found"
    assert len(found.records) == RECORDS
    assert len(found.raw) <= 2_000
    assert {one[1] for one in server.zone.asked} == {"udp", "tcp"}  # type: ignore[attr-defined]


def test_an_alias_whose_end_the_server_does_not_tell_is_asked_for(server: NameServer) -> None:
    def only_the_alias(query: dns.message.Message, _transport: str) -> bytes | None:
        made = server.zone.answer(query)  # type: ignore[attr-defined]
        del made.answer[1:]
        return bytes(made.to_wire())

    server.twist = only_the_alias
    found = asked(server, "alias.example.gov.cn")
    assert (found.told, found.chain) == ("found", (NAME,))


def test_aliases_without_end(server: NameServer) -> None:
    numbers = count()

    def another(query: dns.message.Message, _transport: str) -> bytes:
        made = dns.message.make_response(query)
        rrset = f"n{next(numbers)}.example.gov.cn."
        made.answer.append(dns.rrset.from_text(query.question[0].name, 60, "IN", "CNAME", rrset))
        return made.to_wire()

    server.twist = another
    found = asked(server)
    assert found.told == "loop"
    assert len(found.chain) <= ALIASES + 1
    assert next(numbers) <= ALIASES + 1


def test_an_alias_of_itself(server: NameServer) -> None:
    server.zone.drop(NAME, "AAAA")  # type: ignore[attr-defined]
    server.zone.put(NAME, "CNAME", f"{NAME}.")  # type: ignore[attr-defined]
    assert asked(server).told == "loop"


def wrong_id(query: dns.message.Message, _transport: str) -> list[bytes]:
    made = dns.message.make_response(query)
    made.id ^= 1
    return [made.to_wire()] * 300


@pytest.mark.parametrize("lies", [[], wrong_id, [b""], [b"\xff" * 512], [b"\xc0\x0c" * 200]])
def test_lies_are_passed_over_until_the_time_is_up(server: NameServer, lies: object) -> None:
    server.twist = lies if callable(lies) else lambda _query, _transport: lies  # type: ignore[assignment,return-value]
    begun = time.monotonic()
    assert asked(server).told == "timeout"
    assert time.monotonic() - begun < 2


def test_the_true_answer_behind_lies_counts(server: NameServer) -> None:
    def both(query: dns.message.Message, _transport: str) -> list[bytes]:
        return [*wrong_id(query, "udp")[:20], server.zone.answer(query).to_wire()]  # type: ignore[attr-defined]

    server.twist = both
    assert asked(server).told == "found"


@pytest.mark.parametrize("answer", [[], [b""], [b"\x00" * 3], [b"\xff" * 65_535]])
def test_nonsense_over_tcp(server: NameServer, answer: list[bytes]) -> None:
    server.twist = lambda _query, _transport: answer
    found = ask(server.place, NAME, "SOA", "tcp", recursive=False, limits=LIMITS, clock=lambda: 0)
    assert found.told in {"malformed", "unreachable", "timeout"}
    assert found.detail


def test_errors_have_their_code(server: NameServer) -> None:
    def refused(query: dns.message.Message, _transport: str) -> bytes:
        made = dns.message.make_response(query)
        made.set_rcode(dns.rcode.REFUSED)
        return made.to_wire()

    server.twist = refused
    found = asked(server)
    assert (found.told, found.detail, found.answered) == ("error", "REFUSED", False)


def test_places() -> None:
    assert place_of("240e::53") == ("240e::53", 53)
    assert place_of("127.0.0.1#5353") == ("127.0.0.1", 5353)
    with pytest.raises(ValueError, match="invalid literal"):
        place_of("127.0.0.1#dns")

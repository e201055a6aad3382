"""What holds for every protocol: it has a dialogue that it reads, its fields are declared, and nothing breaks it."""

import random
from collections import defaultdict
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from sensors.capture.protocols.model import (
    Context,
    Framing,
    Message,
    NotThis,
    Pairing,
    Protocol,
    Side,
    Sign,
    Transport,
)
from sensors.capture.protocols.registry import REGISTRY
from sensors.capture.protocols.tables import FRAMINGS, READERS
from sensors.capture.writing import pcap
from sensors.delivery.ledger import balances
from sensors.event.codec import encode
from sensors.event.fields import fields
from tests.sensors.capture import frames as made
from tests.sensors.capture.protocols.dialogues import told
from tests.sensors.capture.protocols.every import DIALOGUES
from tests.sensors.capture.test_fuzz import changed

ALL = pytest.mark.parametrize("protocol", REGISTRY, ids=lambda protocol: str(protocol.name))


def declared(name: str) -> bool:
    table = fields()
    return name in table or any(
        known.endswith(".*") and name.startswith(known.removesuffix("*")) for known in table
    )


def test_names_differ_and_each_has_a_dialogue() -> None:
    names = [protocol.name for protocol in REGISTRY]
    assert len(set(names)) == len(names)
    assert set(names) == set(DIALOGUES)
    # The name's octets are a word of the events' ids.
    assert all(len(name.encode()) <= 8 for name in names)


@pytest.mark.parametrize(("octets", "at", "least"), [("43 6f", 11, 0), ("43 6f", 0, 9), ("", 0, 8), ("43 6", 0, 0)])
def test_a_sign_that_would_be_missed_is_refused(octets: str, at: int, least: int) -> None:
    with pytest.raises(ValueError, match=r"streams|octets|ports"):
        Sign(Framing("streams", Transport.TCP), octets, at=at, least=least)


@ALL
def test_its_events_are_named_and_all_their_fields_declared(tmp_path: Path, protocol: Protocol) -> None:
    packets = DIALOGUES[protocol.name].packets()
    events = told(tmp_path, f"network.{protocol.name}", *packets)
    assert events
    for event in events:
        assert event["network.protocol"] == protocol.name
        assert event["event.category"] == list(protocol.category)
        assert any(name.startswith((f"{protocol.name}.", "tls.")) for name in event), event
        assert not {name for name in event if not declared(name)}
    flows = told(tmp_path, "network.flow", *packets)
    assert protocol.name in {flow.get("network.protocol") for flow in flows}


@ALL
def test_the_same_capture_gives_the_same_events(tmp_path: Path, protocol: Protocol) -> None:
    packets = DIALOGUES[protocol.name].packets()
    name = f"network.{protocol.name}"
    assert told(tmp_path, name, *packets) == told(tmp_path, name, *packets)


@ALL
def test_its_parser_reads_anything_or_says_that_it_is_nothing(protocol: Protocol) -> None:
    chance = random.Random(20_260_102)
    said: dict[Any, list[Message]] = defaultdict(list)
    read = 0
    dialogue = DIALOGUES[protocol.name]
    for mine, octets in dialogue.steps:
        ports = (dialogue.client_port, dialogue.port) if mine else (dialogue.port, dialogue.client_port)
        cases = [octets[:size] for size in range(min(len(octets), 400))]
        cases += [changed(octets, chance) for _ in range(400)]
        for case in cases:
            for framing in {sign.framing for sign in protocol.signs}:
                try:
                    message = protocol.parse(case, Context(framing, not mine, *ports, cut=bool(len(case) % 2)))
                except NotThis:
                    continue
                read += 1
                said[message.side, message.key].append(message)
    # Only what has a key in common is ever brought together, of two sides or, in parts, of one.
    other = Side.ASKS if protocol.pairing is Pairing.PARTS else Side.ANSWERS
    for (side, key), messages in list(said.items()):
        if side is Side.ASKS:
            for one, two in product(messages[:20], said[other, key][:20]):
                protocol.together(one, two)
    assert read


@ALL
def test_captures_of_it_that_are_broken_are_read_and_balance(tmp_path: Path, protocol: Protocol) -> None:
    chance = random.Random(20_260_103)
    dialogue = DIALOGUES[protocol.name]
    events = 0
    for _ in range(150):
        steps = tuple((mine, changed(octets, chance)[:1_400]) for mine, octets in dialogue.steps)
        broken = replace(dialogue, steps=steps)
        size = 60_000 if dialogue.udp or dialogue.icmpv6 else chance.choice((1, 50, 60_000))
        portions = made.read(tmp_path / "broken", pcap(made.frames(*broken.packets(size))))
        for portion in portions:
            encode(portion.batches)
            events += sum(len(batch) for batch in portion.batches if batch.dataset == f"network.{protocol.name}")
        packets = next(one for one in balances("", made.counts(portions), 0) if one.name == "packets")
        assert not packets.missing
    assert events


def test_who_puts_messages_together_is_the_first_to_read_them() -> None:
    """What it makes of a message stands in the first reader's place (sensors.capture.contents)."""
    for place, protocol in enumerate(REGISTRY):
        if protocol.gatherer is not None:
            for sign in protocol.signs:
                assert READERS[FRAMINGS.index(sign.framing)][0] == place

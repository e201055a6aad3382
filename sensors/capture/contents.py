"""What messages say, each distinct one parsed once and known by a number from then on.

Networks repeat themselves: the same names are asked for and the same programs greet the same servers. A number stands
for a mapping of ECS fields; numbers of messages that nothing waits for are given up when there are too many.
"""

from collections.abc import Hashable, Mapping
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np

from sensors.capture import dns, http, tls
from sensors.capture.compiled import Octets, Words
from sensors.capture.exchanges import UNREAD
from sensors.capture.hellos import (
    HEAD_BYTES,
    IS_BROKEN,
    IS_DNS,
    IS_GENERAL,
    IS_HTTP,
    O_COLUMNS,
    O_SESSION,
    O_TEXT,
    O_WORDS,
    ROOM,
    SAID_ANSWERING,
    SAID_CUT,
    SESSION_BYTES,
    gather,
)
from sensors.capture.known import N_OCTETS, N_SEED, X_AT, X_CONTENT, X_END, X_MESSAGE, begin, with_room
from sensors.capture.protocols.model import Context, Gatherer, Message, NotThis, Side
from sensors.capture.protocols.registry import REGISTRY
from sensors.capture.protocols.tables import FRAMINGS, READERS
from sensors.capture.table import M_LENGTH
from sensors.capture.telling import A_COLUMNS, A_QUESTION

Fields: TypeAlias = Mapping[str, Any]
MOST: Final = 32_768
"""How many contents are kept beside those that something waits for."""
MOST_LAYOUTS: Final = 16_384
"""How many sets of field names are numbered: senders can make up any number of them, by what they leave out."""
MOST_OCTETS: Final = 64 << 20
"""How many octets of messages are kept to find them again."""


_ALL: Final = frozenset(range(len(REGISTRY)))


class Said(NamedTuple):
    """A message of a protocol of the registry, and the protocol's place there."""

    protocol: int
    message: Message


class Content(NamedTuple):
    """A distinct message: its fields, and what the message that belongs to it is judged by."""

    fields: Fields
    said: dns.Message | tls.Hello | Said | str | None
    """The message as it was parsed; of a response to HTTP its version; None for fields made of several messages."""


class Contents:
    """The contents of one capture's messages.

    Attributes:
        all: contents by number.
        names: numbers of sets of field names, from 1.
    """

    def __init__(self, seed: int, readers: frozenset[int] = _ALL) -> None:
        """No contents yet; `seed` is the hash table's (sensors.capture.known), `readers` are those told of."""
        self._readers = readers
        self._seed = seed
        self._said: Words = np.zeros((1_024, A_COLUMNS), np.int64)
        self._most = MOST
        self._empty()

    def _empty(self) -> None:
        self.all: list[Content] = []
        self.names: dict[tuple[str, ...], int] = {}
        self._new: list[tuple[int, int, int, int]] = []
        self._questions: dict[Hashable, int] = {}
        self._known = begin(self._seed)
        self._made: dict[tuple[int, int, int], int] = {}
        self._followed: dict[Hashable, int] = {}
        self._quiet: dict[int, int] = {}

    @property
    def said(self) -> Words:
        """A row for each number (sensors.capture.pairing, A_)."""
        if self._new:
            count = len(self.all)
            if count > len(self._said):
                room = np.zeros((max(2 * len(self._said), count), A_COLUMNS), np.int64)
                room[: len(self._said)] = self._said
                self._said = room
            self._said[count - len(self._new) : count] = self._new
            self._new = []
        return self._said

    def numbers(self, messages: Words, data: Octets, arena: Octets) -> tuple[Words, Words]:
        """Read messages as far as they are new.

        Args:
            messages: rows of the flow table (sensors.capture.table, M_).
            data: the capture's octets.
            arena: the octets that were put together.

        Returns:
            The number of each message's content, -1 where it cannot be read; a row for each (sensors.capture.hellos).
            Where several protocols may read a message, that of the first; what the others make of it follows.
        """
        lengths = messages[:, M_LENGTH]
        known = self._known = with_room(self._known, len(messages), int(lengths.sum()) + ROOM * len(messages))
        rows = np.zeros((len(messages), O_COLUMNS), np.int64)
        before, low = known.numbers[:N_SEED].tolist()
        gather(messages, data, arena, np.empty(int(lengths.max()) + ROOM, np.uint8), known, rows)
        after, high = known.numbers[:N_SEED].tolist()
        octets, new = known.octets[low:high].tobytes(), known.texts[before:after]
        new[:, X_CONTENT] = [
            self._read(octets[first - low : last - low], rows[message])
            for first, last, message in new[:, [X_AT, X_END, X_MESSAGE]].tolist()
        ]
        return known.texts[rows[:, O_TEXT], X_CONTENT], rows

    def _read(self, text: bytes, row: Words) -> int:
        kind, octets = text[0], text[1:]
        if kind == IS_GENERAL:
            return self._general(octets)
        try:
            if kind == IS_DNS:
                message = dns.parse(octets)
                return self._add(
                    Content(message.fields, message), side=message.answers, question=self._question(message),
                    names="dns.question.name" in message.fields,
                )
            if kind == IS_HTTP:
                if not octets.startswith(b"HTTP/"):
                    return self._add(Content(http.request(octets), ""))
                version, fields = http.response(octets)
                code = fields["http.response.status_code"]
                # "100 Continue" and its like come before the response proper (RFC 9110 section 15.2).
                return self._add(Content(fields, version), side=2 if code < 200 and code != 101 else 1)
            hello = tls.read(octets, broken=kind == IS_BROKEN)
        except (dns.NotDns, http.NotHttp, tls.NotTls):
            return -1
        if row[O_SESSION] < 0:
            # The kernel left this hello as it was, so the session is the parser's to say.
            session = hello.session[:SESSION_BYTES]
            row[O_SESSION] = len(hello.session)
            row[O_WORDS:] = [int.from_bytes(session[at : at + 7], "big") for at in range(0, 35, 7)]
        return self._add(Content(hello.fields, hello), side=hello.client)

    def _general(self, octets: bytes) -> int:
        """Read a message as each protocol that may have sent it, one content for each; -1 where none can."""
        kind, how = octets[0], octets[1]
        ports = int.from_bytes(octets[2:4], "big"), int.from_bytes(octets[4:HEAD_BYTES], "big")
        context = Context(FRAMINGS[kind], bool(how & SAID_ANSWERING), *ports, bool(how & SAID_CUT))
        read: list[Message | None] = []
        for protocol in READERS[kind]:
            try:
                read.append(REGISTRY[protocol].parse(octets[HEAD_BYTES:], context))
            except NotThis:
                read.append(None)
        if not any(read):
            return -1
        first = len(self.all)
        for protocol, message in zip(READERS[kind], read, strict=True):
            if message is None:
                self._add(Content({}, None), side=UNREAD)
            else:
                said = Said(protocol, message)
                # What was not chosen is nobody else's all the same, where protocols share a framing.
                side = message.side if protocol in self._readers else Side.SILENT
                self._add(Content(message.fields, said), side=int(side), question=self._key(said))
        return first

    def _key(self, said: Said) -> int:
        """A number for what a message's counterpart has in common with it."""
        key = said.protocol, said.message.key
        return self._questions.setdefault(key, len(self._questions) + 1)

    def _question(self, message: dns.Message) -> int:
        """A number for the question; those without a name have negative ones, since answers find them loosely."""
        number = self._questions.setdefault(message.question, len(self._questions) + 1)
        return number if message.question[0] else -number

    def _add(self, content: Content, *, side: int = 0, question: int = 0, names: int = 0) -> int:
        """Number a content; its row is written with those of others when it is asked for."""
        self.all.append(content)
        layout = self.names.setdefault(tuple(content.fields), len(self.names) + 1)
        self._new.append((side, question, names, layout))
        return len(self.all) - 1

    def answered(self, query: int, answer: int) -> int:
        """The number of an answer's fields together with those of its query, for an answer that repeats no question."""
        number = self._made.get((query, answer, 0))
        if number is None:
            fields = {**self.all[query].fields, **self.all[answer].fields}
            number = self._made[query, answer, 0] = self._add(Content(fields, None))
        return number

    def version(self, response: int) -> int:
        """The number of the field that says the version of a response whose request was not seen."""
        number = self._made.get((response, -1, 1))
        if number is None:
            number = self._made[response, -1, 1] = self._add(Content({"http.version": self.all[response].said}, None))
        return number

    def handshake(self, client: int, server: int, same: int) -> int:
        """The number of the fields that only both hellos together give; -1 where the server's is not there."""
        if server < 0:
            return -1
        number = self._made.get((client, server, 2 + same))
        if number is None:
            asked, answered = self.all[client].said if client >= 0 else None, self.all[server].said
            assert isinstance(answered, tls.Hello)
            assert asked is None or isinstance(asked, tls.Hello)
            fields = tls.agreed(asked, answered, same_session=bool(same))
            number = self._made[client, server, 2 + same] = self._add(Content(fields, None))
        return number

    def exchanged(self, asked: int, answered: int) -> int:
        """The number of the fields that two messages of a protocol of the registry have together."""
        number = self._made.get((asked, answered, 4))
        if number is None:
            one, other = self.all[asked].said, self.all[answered].said
            assert isinstance(one, Said)
            assert isinstance(other, Said)
            fields = REGISTRY[one.protocol].together(one.message, other.message)
            number = self._made[asked, answered, 4] = self._add(Content(fields, None))
        return number

    def gathered(self, number: int, framing: int, talk: int, gatherer: Gatherer) -> int:
        """The number of what a conversation's message of a framing is to be taken for; mostly its own.

        It is as good as unread for the others who may read the framing.
        """
        said = self.all[number].said
        if not isinstance(said, Said):
            gatherer.others(talk)
            return number
        if said.protocol not in self._readers:
            return number
        message = gatherer.take(talk, said.message)
        if message is said.message:
            return number
        quiet = self._quiet.get(framing) if message.side is Side.SILENT else None
        if quiet is not None:
            return quiet
        taken = Said(said.protocol, message)
        made = self._add(Content(message.fields, taken), side=int(message.side), question=self._key(taken))
        for _ in READERS[framing][1:]:
            self._add(Content({}, None), side=UNREAD)
        if message.side is Side.SILENT:
            self._quiet[framing] = made
        return made

    def followed(self, number: int, more: Fields) -> int:
        """The number of a content's fields together with those that only earlier events of the conversation give."""
        key = number, *((name, tuple(value) if isinstance(value, list) else value) for name, value in more.items())
        made = self._followed.get(key)
        if made is None:
            made = self._followed[key] = self._add(Content({**self.all[number].fields, **more}, None))
        return made

    @property
    def many(self) -> bool:
        """Whether it is time to give up numbers."""
        octets = int(self._known.numbers[N_OCTETS])
        return len(self.all) > self._most or octets > MOST_OCTETS or len(self.names) > MOST_LAYOUTS

    def keep(self, used: Words) -> tuple[Words, Words]:
        """Give up all contents but the used ones; the new number and question of each of these."""
        before, kept = self.all, np.unique(used)
        said = self.said[kept].tolist()
        self._empty()
        for (side, _, names, _), number in zip(said, kept.tolist(), strict=True):
            content = before[number]
            question = 0
            if isinstance(content.said, dns.Message):
                question = self._question(content.said)
            elif isinstance(content.said, Said):
                question = self._key(content.said)
            self._add(content, side=side, question=question, names=names)
        self._most = MOST + 2 * len(kept)
        numbers = np.searchsorted(kept, used)
        return numbers, self.said[numbers, A_QUESTION]

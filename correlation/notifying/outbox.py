"""The outbox: messages in the relational database, from the moment they are due until long after they were sent."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from sqlalchemy import Connection, Engine, Row, and_, delete, func, insert, or_, select, update

from correlation.alerts.model import LEVELS
from correlation.alerts.tables import notify_outbox as outbox
from correlation.notifying.errors import MessageUnknown
from correlation.notifying.model import Notice, notice_of
from inventory.database import writing
from sensors.event.times import SECOND

State: TypeAlias = Literal["waiting", "sent", "failed"]
DAY: Final = 86_400 * SECOND
FAILED_KEPT: Final = 10
"""Messages that failed are kept so many times as long as those that were sent."""
_CHUNK: Final = 500


@dataclass(frozen=True, slots=True)
class Entry:
    """A message of the outbox, and what became of it; times in ns, 0 where there is none."""

    notice: Notice
    state: State
    due: int
    attempts: int
    tried: int
    finished: int
    reason: str
    answer: str
    only: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """How the messages of a channel stand.

    How many are in each state; since when the oldest waits, when one was delivered last, and when one was given up last
    (ns since 1970, 0: none).
    """

    waiting: int
    sent: int
    failed: int
    oldest: int
    delivered: int
    given_up: int


class Outbox:
    """The messages."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def next_due(self, channel: str, now: int) -> Entry | None:
        """The message of a channel that has been due for longest."""
        query = select(outbox).where(outbox.c.state == "waiting", outbox.c.channel == channel, outbox.c.due <= now)
        with self._engine.connect() as connection:
            row = connection.execute(query.order_by(outbox.c.due, outbox.c.created, outbox.c.id).limit(1)).first()
        return None if row is None else _entry(row)

    def tried_since(self, channel: str, moment: int) -> list[int]:
        """When messages of a channel were tried, later than a moment, in rising order."""
        query = select(outbox.c.tried).where(outbox.c.channel == channel, outbox.c.tried > moment)
        with self._engine.connect() as connection:
            return list(connection.execute(query.order_by(outbox.c.tried)).scalars())

    def begin(self, entry: Entry, now: int, due: int) -> None:
        """Write down that a message is being tried, and when it is due again should nothing more be heard of it."""
        self._set(entry, attempts=entry.attempts + 1, tried=now, due=due)

    def sent(self, entry: Entry, now: int) -> None:
        """It was delivered."""
        self._set(entry, state="sent", finished=now, reason="", answer="", only=[])

    def deferred(self, entry: Entry, due: int, reason: str, answer: str, only: Sequence[str]) -> None:
        """It was not delivered, and is due again at a time."""
        self._set(entry, due=due, reason=reason, answer=answer, only=list(only))

    def failed(self, entry: Entry, now: int, reason: str, answer: str, only: Sequence[str]) -> None:
        """It will not be tried again unless a person says so."""
        self._set(entry, state="failed", finished=now, reason=reason, answer=answer, only=list(only))

    def listed(self, *, state: State | None, channel: str | None, limit: int) -> list[Entry]:
        """Messages, newest first."""
        query = select(outbox)
        if state is not None:
            query = query.where(outbox.c.state == state)
        if channel is not None:
            query = query.where(outbox.c.channel == channel)
        with self._engine.connect() as connection:
            rows = connection.execute(query.order_by(outbox.c.created.desc(), outbox.c.id).limit(limit)).all()
        return [_entry(row) for row in rows]

    def tally(self) -> dict[str, Tally]:
        """How the messages of each channel stand."""
        counts: dict[str, dict[str, tuple[int, int, int]]] = {}
        counted = func.count(), func.min(outbox.c.created), func.max(outbox.c.finished)
        query = select(outbox.c.channel, outbox.c.state, *counted).group_by(outbox.c.channel, outbox.c.state)
        with self._engine.connect() as connection:
            for channel, state, *said in connection.execute(query):
                counts.setdefault(channel, {})[state] = tuple(said)
        return {channel: _tally(found) for channel, found in sorted(counts.items())}

    def retry(self, beginnings: Iterable[str], now: int) -> list[str]:
        """Let messages that failed or wait be tried at once, all of their attempts before them; their ids.

        Args:
            beginnings: ids, or the beginnings of them.
            now: ns since 1970.

        Raises:
            MessageUnknown: one names no such message, or more than one; then nothing is changed.
        """
        with writing(self._engine) as connection:
            found = [_named(connection, beginning) for beginning in beginnings]
            _again(connection, found, now)
        return found

    def retry_failed(self, channel: str | None, now: int) -> list[str]:
        """The same for all that have failed, of one channel or of all."""
        query = select(outbox.c.id).where(outbox.c.state == "failed")
        if channel is not None:
            query = query.where(outbox.c.channel == channel)
        with writing(self._engine) as connection:
            found = list(connection.execute(query).scalars())
            _again(connection, found, now)
        return found

    def give_up(self, channels: Collection[str], now: int) -> int:
        """Messages that wait for channels other than these have failed; how many."""
        chosen = update(outbox).where(outbox.c.state == "waiting", outbox.c.channel.not_in(channels))
        with writing(self._engine) as connection:
            return connection.execute(chosen.values(state="failed", finished=now, reason="channel-gone")).rowcount

    def expire(self, now: int, keep_days: int) -> int:
        """Remove messages that were finished long ago; how many."""
        old = now - keep_days * DAY
        finished = or_(
            and_(outbox.c.state == "sent", outbox.c.finished < old),
            and_(outbox.c.state == "failed", outbox.c.finished < now - FAILED_KEPT * keep_days * DAY),
        )
        with writing(self._engine) as connection:
            return connection.execute(delete(outbox).where(finished)).rowcount

    def _set(self, entry: Entry, **values: Any) -> None:
        with writing(self._engine) as connection:
            connection.execute(update(outbox).where(outbox.c.id == entry.notice.id).values(**values))


def _tally(found: Mapping[str, tuple[int, int, int]]) -> Tally:
    """The tally of a channel by state: how many, when the oldest was made, when the last came to its end."""
    waiting, sent, failed = (found.get(state, (0, 0, 0)) for state in ("waiting", "sent", "failed"))
    return Tally(waiting[0], sent[0], failed[0], oldest=waiting[1], delivered=sent[2], given_up=failed[2])


def put(connection: Connection, notices: Sequence[Notice]) -> None:
    """Put notices that are not there yet into the outbox, due at once, in the caller's transaction."""
    fresh = {notice.id: notice for notice in notices}
    ids = list(fresh)
    for first in range(0, len(ids), _CHUNK):
        chosen = select(outbox.c.id).where(outbox.c.id.in_(ids[first : first + _CHUNK]))
        for known in connection.execute(chosen).scalars():
            del fresh[known]
    if fresh:
        connection.execute(insert(outbox), [_row(notice) for notice in fresh.values()])


def _row(notice: Notice) -> dict[str, object]:
    return {
        "id": notice.id,
        "channel": notice.channel,
        "route": notice.route,
        "kind": notice.kind,
        "level": LEVELS.index(notice.level),
        "count": notice.count,
        "created": notice.created,
        "state": "waiting",
        "due": notice.created,
        "attempts": 0,
        "tried": 0,
        "finished": 0,
        "reason": "",
        "answer": "",
        "only": [],
        "notice": notice.document(),
    }


def _entry(row: Row[Any]) -> Entry:
    document: Mapping[str, Any] = row.notice
    return Entry(
        notice_of(document), row.state, row.due, row.attempts, row.tried, row.finished, row.reason, row.answer,
        tuple(row.only),
    )  # fmt: skip


def _named(connection: Connection, beginning: str) -> str:
    query = select(outbox.c.id).where(outbox.c.id.startswith(beginning, autoescape=True), outbox.c.state != "sent")
    found = list(connection.execute(query.limit(2)).scalars()) if beginning else []
    if len(found) != 1:
        raise MessageUnknown(id=beginning)
    return str(found[0])


def _again(connection: Connection, ids: Sequence[str], now: int) -> None:
    for first in range(0, len(ids), _CHUNK):
        chosen = update(outbox).where(outbox.c.id.in_(ids[first : first + _CHUNK]))
        connection.execute(chosen.values(state="waiting", due=now, attempts=0, finished=0))

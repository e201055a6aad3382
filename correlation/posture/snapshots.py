"""Recorded postures: facts as bytes with their digest, the policy that they were judged by, and what came of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b, sha256
from typing import Any
from zlib import compress, decompress
from zlib import error as DeflateError  # noqa: N812 - the library's name says nothing

import orjson
from sqlalchemy import Engine, delete, insert, select

from correlation.posture.codec import facts_bytes, facts_from, posture_digest, posture_rows
from correlation.posture.errors import PosturePolicyUnusable, SnapshotDamaged
from correlation.posture.model import Facts, Posture, Scope
from correlation.posture.policy import Policy, policy_from
from correlation.posture.scoring import score
from correlation.posture.tables import policy as policies
from correlation.posture.tables import snapshot
from inventory.database import writing
from sensors.event.times import iso


@dataclass(frozen=True, slots=True)
class Past:
    """How a scope stood when a snapshot was made; points and shares in 1/10,000."""

    moment: int
    policy: str
    score: int
    grade: str
    coverage: int
    confidence: str


@dataclass(frozen=True, slots=True)
class Checked:
    """Whether a snapshot is what its facts and its policy give; `part` names what is not: empty where all is well."""

    moment: int
    part: str


class SnapshotBook:
    """Snapshots in the relational database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def record(self, facts: Facts, policy: Policy, posture: Posture) -> int:
        """Keep a posture of these facts; one of the same moment is replaced. Returns how many bytes that takes."""
        said = facts_bytes(facts)
        row: dict[str, Any] = {
            "moment": posture.moment,
            "policy": policy.digest,
            "facts": compress(said),
            "facts_digest": sha256(said).hexdigest(),
            "digest": posture_digest(posture),
            "scores": compress(orjson.dumps(posture_rows(posture))),
            "score": posture.city.score,
            "coverage": posture.city.coverage,
        }
        with writing(self._engine) as connection:
            known = connection.execute(select(policies.c.digest).where(policies.c.digest == policy.digest)).first()
            if known is None:
                connection.execute(insert(policies), [{"digest": policy.digest, "text": policy.text}])
            connection.execute(delete(snapshot).where(snapshot.c.moment == posture.moment))
            connection.execute(insert(snapshot), [row])
        return len(row["facts"]) + len(row["scores"])

    def expire(self, before: int) -> None:
        """Remove snapshots of before a moment."""
        with writing(self._engine) as connection:
            connection.execute(delete(snapshot).where(snapshot.c.moment < before))

    def latest(self, until: int) -> int | None:
        """The moment of the newest snapshot until a moment, itself included; None where there is none."""
        chosen = select(snapshot.c.moment).where(snapshot.c.moment <= until).order_by(snapshot.c.moment.desc()).limit(1)
        with self._engine.connect() as connection:
            return connection.execute(chosen).scalar_one_or_none()

    def facts(self, moment: int) -> Facts:
        """The facts of a snapshot.

        Raises:
            SnapshotDamaged: they are not as they were written.
        """
        with self._engine.connect() as connection:
            row = connection.execute(select(snapshot).where(snapshot.c.moment == moment)).one()
        return facts_from(_undamaged(row))

    def history(self, scope: Scope, start: int, end: int) -> list[Past]:
        """How a scope stood in [start, end), oldest first; snapshots that did not know it are left out."""
        found = []
        for row in self._rows(start, end):
            for kind, name, *said in _scores(row):
                if (kind, name) == scope:
                    found.append(Past(row.moment, row.policy, *said))
        return found

    def verify(self, start: int, end: int) -> Iterator[Checked]:
        """Make every snapshot in [start, end) again of its facts and its policy, oldest first."""
        with self._engine.connect() as connection:
            known = {row.digest: row.text for row in connection.execute(select(policies))}
        for row in self._rows(start, end):
            yield Checked(row.moment, _differing(row, known))

    def _rows(self, start: int, end: int) -> Iterator[Any]:
        chosen = select(snapshot.c.moment).where(snapshot.c.moment >= start, snapshot.c.moment < end)
        with self._engine.connect() as connection:
            moments = connection.execute(chosen.order_by(snapshot.c.moment)).scalars().all()
        for moment in moments:
            # One at a time: facts of a city are some hundred kilobytes.
            with self._engine.connect() as connection:
                row = connection.execute(select(snapshot).where(snapshot.c.moment == moment)).one_or_none()
            if row is not None:
                yield row


def _differing(row: Any, known: Mapping[str, bytes]) -> str:
    """What of a snapshot is not as it was written or does not follow from the rest; empty for nothing."""
    try:
        facts, scores = facts_from(_undamaged(row)), _scores(row)
        policy = _policy_of(row, known)
    except SnapshotDamaged as error:
        return str(error.parameters["part"])
    again = score(facts, policy, row.moment)
    if posture_digest(again) != row.digest:
        return "items"
    same = scores == posture_rows(again) and (row.score, row.coverage) == (again.city.score, again.city.coverage)
    return "" if same else "scores"


def _policy_of(row: Any, known: Mapping[str, bytes]) -> Policy:
    text = known.get(row.policy, b"")
    if blake2b(text, digest_size=8).hexdigest() != row.policy:
        raise SnapshotDamaged(at=iso(row.moment), part="policy")
    try:
        return policy_from(text)
    except PosturePolicyUnusable as error:
        raise SnapshotDamaged(at=iso(row.moment), part="policy") from error


def _undamaged(row: Any) -> bytes:
    try:
        said = decompress(row.facts)
    except DeflateError as error:
        raise SnapshotDamaged(at=iso(row.moment), part="facts") from error
    if sha256(said).hexdigest() != row.facts_digest:
        raise SnapshotDamaged(at=iso(row.moment), part="facts")
    return said


def _scores(row: Any) -> list[list[Any]]:
    try:
        found: list[list[Any]] = orjson.loads(decompress(row.scores))
    except (DeflateError, orjson.JSONDecodeError) as error:
        raise SnapshotDamaged(at=iso(row.moment), part="scores") from error
    return found



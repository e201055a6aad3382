"""What a change makes of the versions of a record: they are cut where it begins and ends, and it holds between.

Known later is not the same as true later: a change may lie in the past or the future, and what was said about other
times stays as it was.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from inventory.model import OPEN, Change, Version


def amended(versions: Sequence[Version], change: Change, batch: int) -> list[Version]:
    """The versions of a record after a change, in the order of time, none over another, equal neighbours made one.

    Where the record was not there before, it is from then on, with what the change says alone.
    """
    made = [*_outside(versions, change), *(() if change.gone else _inside(versions, change, batch))]
    return _joined(sorted(made, key=lambda one: one.valid_from))


def at(versions: Sequence[Version], moment: int) -> Version | None:
    """What a record was at a moment; None where it was not there."""
    return next((one for one in versions if one.valid_from <= moment < one.valid_to), None)


def untils(versions: Sequence[Version], moment: int, keys: Iterable[str]) -> dict[str, int]:
    """Until when each of these fields stays what it is at a moment: what is said of it then is said no further.

    Where the record is not there at the moment, it is until the next time that it is.
    """
    now = at(versions, moment)
    later = [one for one in versions if one.valid_from > moment]
    if now is None:
        return dict.fromkeys(keys, later[0].valid_from if later else OPEN)
    ends = {}
    for key in keys:
        value, reached = now.values.get(key), now.valid_to
        for one in later:
            if one.valid_from != reached or one.values.get(key) != value:
                break
            reached = one.valid_to
        ends[key] = reached
    return ends


def locked_out(version: Version | None, change: Change) -> frozenset[str]:
    """The fields that a change would alter though they are locked."""
    if version is None:
        return frozenset()
    return frozenset(
        key for key, value in change.values.items() if key in version.locked and version.values.get(key) != value
    )


def _outside(versions: Sequence[Version], change: Change) -> Iterator[Version]:
    for one in versions:
        if one.valid_from < change.valid_from:
            yield replace(one, valid_to=min(one.valid_to, change.valid_from))
        if one.valid_to > change.valid_to:
            yield replace(one, valid_from=max(one.valid_from, change.valid_to))


def _inside(versions: Sequence[Version], change: Change, batch: int) -> Iterator[Version]:
    reached = change.valid_from
    for one in versions:
        begins, ends = max(one.valid_from, change.valid_from), min(one.valid_to, change.valid_to)
        if begins >= ends:
            continue
        if reached < begins:
            yield _begun(change, reached, begins, batch)
        yield _changed(one, change, begins, ends, batch)
        reached = ends
    if reached < change.valid_to:
        yield _begun(change, reached, change.valid_to, batch)


def _begun(change: Change, begins: int, ends: int, batch: int) -> Version:
    values = {key: value for key, value in change.values.items() if value is not None}
    return Version(begins, ends, values, {"": batch}, change.lock)


def _changed(version: Version, change: Change, begins: int, ends: int, batch: int) -> Version:
    values, said = dict(version.values), dict(version.said)
    for key, value in change.values.items():
        if values.get(key) == value:
            # Who said it first keeps the honour: an import of what is known already changes nothing.
            continue
        said[key] = batch
        if value is None:
            del values[key]
        else:
            values[key] = value
    return Version(begins, ends, values, said, version.locked - change.unlock | change.lock)


def _joined(versions: Sequence[Version]) -> list[Version]:
    made: list[Version] = []
    for one in versions:
        if made and made[-1].valid_to == one.valid_from and replace(made[-1], valid_to=one.valid_to) == replace(
            one, valid_from=made[-1].valid_from
        ):
            made[-1] = replace(made[-1], valid_to=one.valid_to)
        else:
            made.append(one)
    return made

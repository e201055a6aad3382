"""Where something is that alerts or sources name: an address, a host, an asset or a unit becomes places of the city."""

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from functools import cached_property

from correlation.context.addresses import address_of
from correlation.context.model import Known
from correlation.context.table import DEFAULT, Table
from correlation.context.timeline import known_at
from correlation.posture.declaring import Declared, place_of, sector_of
from correlation.posture.model import Touch
from correlation.posture.policy import Policy


class Places:
    """Looks up where names are, as the context has them at one moment."""

    def __init__(self, of: Declared, table: Table, policy: Policy, moment: int) -> None:
        self._declared = of
        self._table = table
        self._policy = policy
        self._moment = moment

    def touches(self, names: Iterable[str]) -> tuple[Touch, ...]:
        """Where names of the form `kind:value` or `kind:space/value` are (`correlation.incidents.sums`)."""
        found = set()
        for name in names:
            kind, _, value = name.partition(":")
            space, bare = self._split(value)
            if kind == "unit":
                found.add(Touch(unit=value))
            elif kind == "asset":
                found.add(self._asset(space, bare))
            elif kind == "address":
                found.add(self.address(bare, space))
            elif kind == "host":
                found.add(self._touch(known_at(self._table.host(bare, space), self._moment), space))
            elif space:
                found.add(Touch(space=space))
        return plain(found)

    def address(self, text: str, space: str = DEFAULT) -> Touch:
        """Where an address is."""
        address = address_of(text)
        known = None if address is None else known_at(self._table.told(address, space), self._moment)
        return self._touch(known, space)

    def device(self, address: str, host: str) -> tuple[Touch, ...]:
        """Where a sender of messages is, by its address or its name."""
        by_name = self._touch(known_at(self._table.host(host), self._moment), DEFAULT) if host else Touch()
        return plain({self.address(address) if address else Touch(), by_name})

    def _asset(self, space: str, name: str) -> Touch:
        known = self._assets.get((space, name))
        return Touch(space=space, asset=name) if known is None else self._touch(known, space)

    def _touch(self, known: Known | None, space: str) -> Touch:
        if known is None:
            return Touch(space=space)
        sector = sector_of(known, self._policy)
        return Touch(*place_of(known), space, sector, known.asset or "")

    def _split(self, value: str) -> tuple[str, str]:
        """The address space before a value, where it begins with a declared one, and the rest."""
        for place in _slashes(value):
            if value[:place] in self._spaces:
                return value[:place], value[place + 1 :]
        return DEFAULT, value

    @cached_property
    def _spaces(self) -> AbstractSet[str]:
        return frozenset(self._declared.tenants)

    @cached_property
    def _assets(self) -> dict[tuple[str, str], Known]:
        return {(one.space, one.name): one.known for one in self._declared.assets}


def plain(found: AbstractSet[Touch]) -> tuple[Touch, ...]:
    """Places in order, without those that say nothing, and without units alone of which another tells more."""
    told = {one.unit for one in found if one.unit and (one.district or one.asset)}
    return tuple(sorted(one for one in found if any(one) and not (one == Touch(unit=one.unit) and one.unit in told)))


def _slashes(value: str) -> Iterator[int]:
    place = value.find("/")
    while place >= 0:
        yield place
        place = value.find("/", place + 1)

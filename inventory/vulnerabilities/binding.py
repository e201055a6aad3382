"""What registers say of machines with weaknesses: which asset an address or a name was at a time, and what it is."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, Final, Literal, TypeAlias

from inventory.model import Moment
from inventory.observing.prefixes import Prefixes
from inventory.ports import Known
from inventory.registers import registers
from inventory.vulnerabilities.exposure import Asset, Reach
from inventory.vulnerabilities.identifying import Installation

By: TypeAlias = Literal["address", "name", ""]
_ASSET: Final = (
    "code", "hostname", "addresses", "space", "unit", "system", "owner", "state", "networked", "os", "vendor", "model",
)  # fmt: skip
_DOMAINS: Final[Mapping[str | None, Reach]] = {
    "internet": "internet", "extranet": "extranet", "cii": "internal", "ot": "internal", "iot": "internal",
    "tenant": "internal",
}  # fmt: skip
_NEAREST: Final[tuple[Reach, ...]] = ("internet", "extranet", "internal")
"""What counts of a machine with several addresses: the one that most can reach."""
_HIGHEST: Final = 20
"""Units above each other that are looked at for a district."""


@dataclass(frozen=True, slots=True)
class Holder:
    """One version of an asset, from when to when (ns) it was so."""

    id: str
    begins: int
    ends: int
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Bound:
    """Which assets had an address or a name: one, or several that nobody can tell apart, or none.

    `then` is False where nobody had it at the time, and somebody has now.
    """

    assets: tuple[str, ...]
    by: By
    then: bool = True

    @property
    def asset(self) -> str:
        """The asset; empty where there is none or several may be meant."""
        return self.assets[0] if len(self.assets) == 1 else ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of an asset, with what people call it, its system, unit and district."""

    asset: Asset
    code: str
    system: str = ""
    unit: str = ""
    district: str = ""
    unit_id: str = ""


@dataclass(frozen=True, slots=True)
class Software:
    """Something that is installed; `id` tells it apart from the rest of the asset, `since` when (ns) it was there."""

    id: str
    installation: Installation
    since: int


class Binding:
    """Assets by their addresses and names at all times."""

    def __init__(self, holders: Iterable[Holder], now: int) -> None:
        self._now = now
        self._by_address: dict[str, list[Holder]] = defaultdict(list)
        self._by_name: dict[str, list[Holder]] = defaultdict(list)
        for one in holders:
            for address in one.values.get("addresses") or ():
                self._by_address[_same(address)].append(one)
            if hostname := one.values.get("hostname"):
                self._by_name[hostname.lower().rstrip(".")].append(one)

    def bind(self, address: str, name: str, at: int) -> Bound:
        """Which assets had an address, or where nobody had it a name, at a time; else who has it now."""
        held, named = self._by_address.get(_same(address), []), self._by_name.get(name.lower().rstrip("."), [])
        for moment in (at, self._now):
            by_address, by_name = _at(held, moment), _at(named, moment)
            # An address that several have, in spaces of their own, is told apart by the name.
            both = [one for one in by_address if one in by_name]
            if found := both or by_address:
                return Bound(tuple(found), "address", moment == at)
            if by_name:
                return Bound(tuple(by_name), "name", moment == at)
        return Bound((), "")


def holders(known: Known) -> Iterator[Holder]:
    """All versions of all assets, as they are known now."""
    for id_, begins, ends, *row in known.spans(registers()["assets"], _ASSET):
        yield Holder(id_, begins, ends, dict(zip(_ASSET, row, strict=True)))


def facts(known: Known, held: Iterable[Holder], moment: Moment) -> dict[str, Facts]:
    """What is known of each asset at a moment; of one that is not there then, as it was last or will be."""
    latest: dict[str, Holder] = {}
    for one in held:
        before = latest.get(one.id)
        if before is None or _rank(one, moment) > _rank(before, moment):
            latest[one.id] = one
    place = _Place(known, moment)
    return {name: place.facts(one) for name, one in latest.items()}


def software(known: Known, held: Iterable[Holder], moment: Moment) -> list[Software]:
    """What is installed at a moment on assets that are not retired: software, systems and models."""
    there = {
        one.id: one for one in held
        if one.begins <= moment.valid < one.ends and one.values["state"] != "retired"
    }  # fmt: skip
    keys = ("vendor", "name", "version", "cpe")
    products = {id_: row for id_, *row in known.columns(registers()["software"], keys, moment)}
    found = []
    for id_, since, asset, product in _installed(known, moment):
        if asset in there and product in products:
            vendor, name, version, cpe = (said or "" for said in products[product])
            found.append(Software(id_, Installation(asset, name, version, vendor, cpe), since))
    for asset, one in there.items():
        if said := one.values["os"]:
            found.append(Software("os", Installation(asset, said), one.begins))
        if (model := one.values["model"]) and (vendor := one.values["vendor"]):
            found.append(Software("model", Installation(asset, model, vendor=vendor), one.begins))
    return found


def _installed(known: Known, moment: Moment) -> Iterator[tuple[str, int, str, str]]:
    """What is installed at a moment, since the first time that it was."""
    first: dict[tuple[str, str, str], int] = {}
    there = []
    for id_, begins, ends, asset, product in known.spans(registers()["installations"], ("asset", "software")):
        key = id_, asset, product
        first[key] = min(begins, first.get(key, begins))
        if begins <= moment.valid < ends:
            there.append(key)
    return ((id_, first[id_, asset, product], asset, product) for id_, asset, product in there)


class _Place:
    """What other registers say of where an asset stands."""

    def __init__(self, known: Known, moment: Moment) -> None:
        every = registers()
        columns = ("name", "unit", "mlps_grade", "public")
        self._systems = {id_: row for id_, *row in known.columns(every["systems"], columns, moment)}
        self._units = {id_: row for id_, *row in known.columns(every["units"], ("name", "district", "parent"), moment)}
        self._districts = dict(known.columns(every["districts"], ("name",), moment))
        self._critical = {
            system for _, systems in known.columns(every["cii"], ("systems",), moment) for system in systems or ()
        }
        self._sensitive = {
            system
            for _, system, grade, personal in known.columns(
                every["data_catalogue"], ("system", "grade", "personal"), moment
            )
            if system and (grade in {"important", "core"} or personal)
        }
        by_space: dict[str, list[tuple[str, str | None]]] = defaultdict(list)
        for _, network, space, domain in known.columns(every["prefixes"], ("network", "space", "domain"), moment):
            by_space[space].append((network, domain))
        self._by_space = {space: Prefixes(found) for space, found in by_space.items()}
        self._all = Prefixes(one for found in by_space.values() for one in found)

    def facts(self, one: Holder) -> Facts:
        """What is known of an asset."""
        said = one.values
        system = said["system"] or ""
        name, responsible, grade, public = self._systems.get(system, ("", None, None, None))
        unit = said["unit"] or responsible or ""
        asset = Asset(
            one.id, grade, system in self._critical, system in self._sensitive, self._reach(said, public=public),
            said["owner"] or "",
        )  # fmt: skip
        called = self._units[unit][0] if unit in self._units else ""
        return Facts(asset, said["code"], name, called, self._district(unit), unit)

    def _reach(self, said: Mapping[str, Any], *, public: bool | None) -> Reach:
        if public:
            return "internet"
        prefixes = self._by_space.get(said["space"]) if said["space"] else self._all
        found = {
            _DOMAINS.get(prefixes.find(address)) for address in said["addresses"] or () if prefixes is not None
        }
        return next((one for one in _NEAREST if one in found), "unknown")

    def _district(self, unit: str) -> str:
        for _ in range(_HIGHEST):
            if unit not in self._units:
                break
            _, district, parent = self._units[unit]
            if district:
                return str(self._districts.get(district, ""))
            unit = parent or ""
        return ""


def _rank(one: Holder, moment: Moment) -> tuple[bool, int]:
    return one.begins <= moment.valid < one.ends, one.begins


def _at(held: Sequence[Holder], moment: int) -> list[str]:
    return sorted({one.id for one in held if one.begins <= moment < one.ends})


def _same(address: str) -> str:
    """An address as it is compared: two spellings of one are the same."""
    try:
        return str(ip_address(address))
    except ValueError:
        return address

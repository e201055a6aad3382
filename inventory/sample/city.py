"""The made-up city as rows of tables, register by register, in the order in which they can be imported.

The same seed and scale give the same city. What the plan counts has the plan's size at scale 1: 15 districts, 101 and
4,929 units, 412 wireless sites, 9 data centres with 30,000 racks, 192,000 cameras.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random  # noqa: TID251 - the type alone; it is passed in
from typing import Final, TypeAlias

from inventory.indicators.loading import load_plans
from inventory.sample.names import (
    DISTRICTS,
    MARK,
    NOTE,
    OFFICES,
    SECTORS,
    SUBJECTS,
    SYSTEMS_OF_OPERATION,
    VENDORS,
)

Row: TypeAlias = Mapping[str, str]

_CITY_UNITS: Final = 101
_DISTRICT_UNITS: Final = 4_929
_SYSTEMS: Final = 3_000
_SITES: Final = 600
_CAMERAS: Final = 192_000
_OTHER_DEVICES: Final = 8_000
_WIRELESS: Final = 412
_ITEMS: Final = 1_300


@dataclass(frozen=True, slots=True)
class Size:
    """How large the city is: `assets` by itself, all else in parts of what it is in truth."""

    scale: float = 1.0
    assets: int = 500_000

    def of(self, number: int) -> int:
        """So many of what there are `number` of; one at least."""
        return max(1, round(number * self.scale))


class City:
    """One made-up city."""

    def __init__(self, random: Random, size: Size) -> None:
        self._random = random
        self._size = size
        self._units = [
            *(f"WH{number:04d}" for number in range(1, size.of(_CITY_UNITS) + 1)),
            *(f"WQ{number:05d}" for number in range(1, size.of(_DISTRICT_UNITS) + 1)),
        ]
        self._systems = [f"S{number:05d}" for number in range(1, size.of(_SYSTEMS) + 1)]

    def tables(self) -> Iterator[tuple[str, Iterator[Row]]]:
        """Registers by name with their rows."""
        yield "districts", self._districts()
        yield "units", self._all_units()
        yield "address_spaces", self._spaces()
        yield "data_centres", self._data_centres()
        yield "private_networks", self._private_networks()
        yield "cloud_platforms", self._platforms()
        yield "tenants", self._tenants()
        yield "systems", self._all_systems()
        yield "sites", self._sites()
        yield "assets", self._assets()
        yield "iot_platforms", iter([{"code": "IOT1", "name": f"视频平台{MARK}", "note": NOTE}])
        yield "iot_devices", self._devices()
        yield "access_points", self._points()
        yield "lines", self._lines()
        yield "prefixes", self._prefixes()
        yield "data_catalogue", self._items()
        yield "cii", self._critical()
        yield "indicator_values", self._reports()

    def _districts(self) -> Iterator[Row]:
        for code, name, english, kind in DISTRICTS:
            yield {"code": code, "name": name, "name_en": english, "kind": kind}

    def _all_units(self) -> Iterator[Row]:
        for number, code in enumerate(self._units):
            office = OFFICES[number % len(OFFICES)]
            if code.startswith("WH"):
                row = {"name": f"市{office}{number + 1}{MARK}", "level": "city"}
            else:
                district, name, _, _ = DISTRICTS[number % len(DISTRICTS)]
                row = {"name": f"{name}{office}{number + 1}{MARK}", "level": "district", "district": district}
            kind = "other" if self._random.random() < 0.97 else "cii_operator"
            yield row | {"code": code, "operator_type": kind, "on_extranet": "true", "note": NOTE}

    def _spaces(self) -> Iterator[Row]:
        yield {"name": "extranet", "note": NOTE}
        for number in range(1, self._size.of(40) + 1):
            yield {"name": f"tenant-{number}", "tunnel_ids": str(7_000 + number), "note": NOTE}

    def _data_centres(self) -> Iterator[Row]:
        for number in range(1, 10):
            power = str(20 + self._random.randrange(60))
            district = DISTRICTS[number % len(DISTRICTS)][0]
            yield {"code": f"DC{number}", "name": f"数据中心 {number}{MARK}", "racks": "3334" if number > 3 else "3332",
                   "computing_power": power, "district": district, "note": NOTE}  # fmt: skip

    def _private_networks(self) -> Iterator[Row]:
        for number in range(1, self._size.of(60) + 1):
            stage = self._random.choice(["not_planned", "planned", "migrating", "merged", "exempt"])
            yield {"code": f"PN{number:03d}", "name": f"业务专网 {number}{MARK}", "unit": self._unit(),
                   "classified": "false", "built_on": f"20{10 + number % 12}-06-01", "migration": stage,
                   "exemption": "纵向专线要求" if stage == "exempt" else "",
                   "merged_on": "2024-05-01" if stage == "merged" else "", "note": NOTE}  # fmt: skip

    def _platforms(self) -> Iterator[Row]:
        yield {"code": "CP0", "name": f"武汉云{MARK}", "kind": "city", "cores": "60000", "memory": "120",
               "storage": "500", "data_centre": "DC1", "note": NOTE}  # fmt: skip
        for number, (code, name, _, _) in enumerate(DISTRICTS, 1):
            taken_over = f"202{2 + number % 3}-09-01" if number % 2 else ""
            yield {"code": f"CP{number}", "name": f"{name}区云{MARK}", "kind": "district", "district": code,
                   "cores": "2000", "memory": "4", "storage": "10", "managed_since": taken_over,
                   "note": NOTE}  # fmt: skip

    def _tenants(self) -> Iterator[Row]:
        for number in range(1, self._size.of(40) + 1):
            yield {"code": f"T{number:03d}", "name": f"租户 {number}{MARK}", "platform": "CP0", "unit": self._unit(),
                   "space": f"tenant-{number}", "cores_quota": "1000", "note": NOTE}  # fmt: skip

    def _all_systems(self) -> Iterator[Row]:
        tenants = self._size.of(40)
        for number, code in enumerate(self._systems, 1):
            hosting = self._random.choices(
                ["city_cloud", "district_cloud", "department_cloud", "own_room"], [70, 12, 8, 10]
            )[0]
            grade = self._random.choices([1, 2, 3, 4], [15, 55, 29, 1])[0]
            most = self._random.randrange(3) if number > 1 else 0
            before = [f"S{self._random.randrange(1, number):05d}" for _ in range(most)]
            yield {
                "code": code, "name": f"{SUBJECTS[number % len(SUBJECTS)]}系统 {number}{MARK}", "unit": self._unit(),
                "state": self._random.choices(["running", "building", "suspended", "retired"], [90, 4, 3, 3])[0],
                "classified": "true" if self._random.random() < 0.02 else "false", "hosting": hosting,
                "running_since": f"20{self._random.randrange(12, 21)}-0{self._random.randrange(1, 10)}-15",
                "mlps_grade": str(grade),
                "filing_number": f"4201{self._random.randrange(10**7):07d}" if self._random.random() < 0.9 else "",
                "mlps_assessed_on": f"2026-0{self._random.randrange(1, 10)}-10" if grade >= 3 else "",
                "crypto_required": "true" if grade >= 3 else "false",
                "tenant": f"T{self._random.randrange(1, tenants + 1):03d}" if hosting == "city_cloud" else "",
                "depends_on": "; ".join(dict.fromkeys(before)), "note": NOTE,
            }  # fmt: skip

    def _sites(self) -> Iterator[Row]:
        for number in range(1, self._size.of(_SITES) + 1):
            level = "city" if number % 5 == 0 else "district"
            # A name that can never be one of a real host (RFC 6761).
            yield {"url": f"https://w{number}.example", "name": f"网站 {number}{MARK}", "kind": "website",
                   "level": level, "unit": self._unit(), "system": self._system(), "state": "running",
                   "ipv6_supported": "true" if self._random.random() < 0.8 else "false", "note": NOTE}  # fmt: skip

    def _assets(self) -> Iterator[Row]:
        kinds, weights = ["server", "virtual_machine", "network", "security", "terminal"], [4, 16, 6, 2, 72]
        for number in range(1, self._size.assets + 1):
            kind = self._random.choices(kinds, weights)[0]
            system = self._system() if kind in {"server", "virtual_machine"} else ""
            yield {
                "code": f"A{number:07d}", "name": f"资产 {number}{MARK}", "kind": kind, "unit": self._unit(),
                "system": system, "addresses": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}",
                "space": "extranet", "vendor": VENDORS[number % len(VENDORS)],
                "os": self._random.choice(SYSTEMS_OF_OPERATION), "state": "in_service",
                "in_service_since": f"20{self._random.randrange(15, 21)}-0{self._random.randrange(1, 10)}-01",
                "networked": "true", "ipv6_capable": "true" if self._random.random() < 0.7 else "false",
            }  # fmt: skip

    def _devices(self) -> Iterator[Row]:
        cameras, others = self._size.of(_CAMERAS), self._size.of(_OTHER_DEVICES)
        for number in range(1, cameras + others + 1):
            district = DISTRICTS[number % len(DISTRICTS)][0]
            kind = "camera" if number <= cameras else self._random.choice(["meter", "sensor", "gateway"])
            yield {
                "code": f"{district}00{'132' if kind == 'camera' else '134'}{number:09d}"[:20],
                "name": f"设备 {number}{MARK}", "kind": kind, "platform": "IOT1", "district": district,
                "unit": self._unit(), "space": "extranet", "vendor": VENDORS[number % len(VENDORS)],
                "addresses": f"172.{16 + (number >> 16)}.{number >> 8 & 255}.{number & 255}", "state": "online",
                "default_password_changed": "true" if self._random.random() < 0.95 else "false",
            }  # fmt: skip

    def _points(self) -> Iterator[Row]:
        for number, (code, name, _, _) in enumerate(DISTRICTS, 1):
            yield {"code": f"N{number:02d}", "name": f"{name}节点{MARK}", "kind": "aggregation", "district": code}
        for number in range(1, self._size.of(_WIRELESS) + 1):
            district = DISTRICTS[number % len(DISTRICTS)][0]
            name = f"无线站点 {number}{MARK}"
            yield {"code": f"W{number:03d}", "name": name, "kind": "wireless", "district": district}

    def _lines(self) -> Iterator[Row]:
        for number in range(1, len(DISTRICTS)):
            yield {"code": f"B{number:02d}", "kind": "backbone", "from_point": f"N{number:02d}",
                   "to_point": f"N{number + 1:02d}", "bandwidth": "400000", "state": "in_service",
                   "note": NOTE}  # fmt: skip
        for number in range(1, self._size.of(60) + 1):
            yield {"code": f"P{number:03d}", "kind": "private", "unit": self._unit(), "bandwidth": "100",
                   "private_network": f"PN{number:03d}", "state": self._random.choice(["in_service", "cancelled"]),
                   "monthly_cost": "3000", "note": NOTE}  # fmt: skip

    def _prefixes(self) -> Iterator[Row]:
        yield {"network": "10.0.0.0/8", "space": "extranet", "domain": "extranet", "state": "in_use", "note": NOTE}
        yield {"network": "172.16.0.0/12", "space": "extranet", "domain": "iot", "state": "in_use", "note": NOTE}
        for number, (code, _, _, _) in enumerate(DISTRICTS):
            yield {"network": f"10.{number * 16}.0.0/12", "space": "extranet", "domain": "extranet",
                   "district": code, "state": "in_use", "note": NOTE}  # fmt: skip

    def _items(self) -> Iterator[Row]:
        for number in range(1, self._size.of(_ITEMS) + 1):
            sharing = self._random.choices(["unconditional", "conditional", "none"], [50, 45, 5])[0]
            opening = self._random.choices(["unconditional", "conditional", "none"], [40, 40, 20])[0]
            yield {
                "code": f"D{number:05d}", "name": f"信息资源 {number}{MARK}", "unit": self._unit(),
                "system": self._system(), "sharing": sharing, "opening": opening,
                "grade": self._random.choices(["general", "important"], [97, 3])[0], "data_class": "公共数据",
                "shared": "true" if sharing != "none" and self._random.random() < 0.93 else "false",
                "opened": "true" if opening != "none" and self._random.random() < 0.85 else "false",
                "personal": "true" if self._random.random() < 0.1 else "false", "note": NOTE,
            }  # fmt: skip

    def _critical(self) -> Iterator[Row]:
        for number in range(1, self._size.of(40) + 1):
            yield {"code": f"C{number:03d}", "name": f"关基 {number}{MARK}", "sector": SECTORS[number % len(SECTORS)],
                   "unit": self._unit(), "systems": self._system(), "protection_department": f"主管部门{MARK}",
                   "assessed_on": f"202{self._random.choice('56')}-03-01", "note": NOTE}  # fmt: skip

    def _reports(self) -> Iterator[Row]:
        """What units reported at the end of each year of what registers do not know: on the way to the target."""
        for indicator in load_plans()[0].indicators:
            if indicator.formula:
                continue
            reached = self._random.uniform(0.85, 1.1)
            for year, part in enumerate((0.55, 0.7, 0.82, 0.92, 1.0), 2021):
                value = indicator.target.value * reached * part
                said = f"{min(value, 100):.1f}" if indicator.is_share else f"{value:.0f}"
                yield {"indicator": str(indicator.number), "day": f"{year}-12-31", "scope": "city", "value": said,
                       "unit": self._units[0], "evidence": NOTE, "note": NOTE}  # fmt: skip

    def _unit(self) -> str:
        return self._random.choice(self._units)

    def _system(self) -> str:
        return self._random.choice(self._systems)

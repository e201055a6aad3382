from inventory.model import Moment
from inventory.vulnerabilities.binding import Binding, Bound, Holder, facts, holders, software
from tests.inventory.filling import Filled


def _holder(name: str, begins: int, ends: int, *addresses: str, hostname: str | None = None) -> Holder:
    return Holder(name, begins, ends, {"addresses": addresses, "hostname": hostname})


HELD = (
    _holder("a", 0, 100, "192.0.2.1", hostname="web"),
    _holder("b", 100, 300, "192.0.2.1", "2001:db8::1"),
    _holder("c", 0, 300, "192.0.2.9", hostname="c.example"),
    _holder("d", 0, 300, "192.0.2.9", hostname="d.example"),
    _holder("e", 250, 300, "192.0.2.7", hostname="late"),
)
BINDING = Binding(HELD, 260)


def test_an_address_is_whose_it_was_at_the_time() -> None:
    assert BINDING.bind("192.0.2.1", "", 50) == Bound(("a",), "address")
    assert BINDING.bind("192.0.2.1", "web", 150) == Bound(("b",), "address")
    assert BINDING.bind("2001:0db8::0001", "", 150).asset == "b"
    assert BINDING.bind("", "WEB.", 50) == Bound(("a",), "name")


def test_who_has_it_now_is_told_as_that_and_nobody_is_guessed() -> None:
    assert BINDING.bind("192.0.2.7", "", 50) == Bound(("e",), "address", then=False)
    assert BINDING.bind("", "late", 50) == Bound(("e",), "name", then=False)
    assert BINDING.bind("192.0.2.200", "nobody", 50) == Bound((), "")
    assert BINDING.bind("", "", 50) == Bound((), "")
    several = BINDING.bind("192.0.2.9", "", 50)
    assert (several.assets, several.asset) == (("c", "d"), "")
    assert BINDING.bind("192.0.2.9", "d.example", 50).asset == "d"


def _city(filled: Filled) -> None:
    filled.fill("districts", {"code": "420102", "name": "江岸区"})
    filled.fill("units", {"code": "U1", "name": "市局", "district": "420102"}, {"code": "U2", "name": "科"})
    filled.fill("units", {"code": "U2", "name": "科", "parent": "U1"})
    filled.fill(
        "systems",
        {"code": "S1", "name": "门户", "unit": "U2", "mlps_grade": "3", "public": "是"},
        {"code": "S2", "name": "内部", "unit": "U1"},
        {"code": "S3", "name": "其他", "unit": "U1"},
    )
    filled.fill("cii", {"code": "C1", "name": "关基", "sector": "政务", "systems": "S2"})
    filled.fill(
        "data_catalogue",
        {"code": "D1", "name": "项", "system": "S1", "grade": "important"},
        {"code": "D2", "name": "项二", "system": "S2", "personal": "是"},
        {"code": "D3", "name": "项三", "system": "S3", "grade": "general"},
    )
    filled.fill("address_spaces", {"name": "extranet"}, {"name": "tenant"})
    filled.fill(
        "prefixes",
        {"network": "192.0.2.0/24", "space": "extranet", "domain": "extranet"},
        {"network": "192.0.2.128/25", "space": "extranet", "domain": "internet"},
        {"network": "10.0.0.0/8", "space": "extranet", "domain": "ot"},
        {"network": "192.0.2.0/24", "space": "tenant", "domain": "tenant"},
    )


def test_an_asset_is_reached_from_where_its_prefix_or_its_system_says(filled: Filled) -> None:
    _city(filled)
    filled.fill(
        "assets",
        {"code": "public", "system": "S1", "addresses": "10.0.0.1", "owner": "李"},
        {"code": "extranet", "unit": "U1", "addresses": "192.0.2.1", "space": "extranet"},
        {"code": "internet", "system": "S2", "addresses": "10.0.0.2; 192.0.2.130", "space": "extranet"},
        {"code": "internal", "system": "S3", "addresses": "10.0.0.3"},
        {"code": "tenant", "addresses": "192.0.2.1", "space": "tenant"},
        {"code": "unknown", "addresses": "203.0.113.1"},
        {"code": "nothing"},
    )
    moment = Moment(filled.now)
    found = {one.code: one for one in facts(filled.inventory, holders(filled.inventory), moment).values()}
    assert {code: one.asset.reach for code, one in found.items()} == {
        "public": "internet", "extranet": "extranet", "internet": "internet", "internal": "internal",
        "tenant": "internal", "unknown": "unknown", "nothing": "unknown",
    }  # fmt: skip
    public, internet, internal = (found[code].asset for code in ("public", "internet", "internal"))
    assert (public.grade, public.critical, public.sensitive, public.owner) == (3, False, True, "李")
    assert (internet.grade, internet.critical, internet.sensitive) == (None, True, True)
    assert (internal.critical, internal.sensitive) == (False, False)
    one = found["public"]
    assert (one.system, one.unit, one.district) == ("门户", "科", "江岸区")


def test_what_is_installed_is_of_assets_that_are_there(filled: Filled) -> None:
    filled.fill(
        "assets",
        {"code": "A1", "os": "Windows Server 2019", "vendor": "华为", "model": "S5700"},
        {"code": "A2", "state": "retired", "os": "Windows Server 2019"},
    )
    filled.fill("software", {"code": "P1", "vendor": "Apache", "name": "Tomcat", "version": "9.0.20"})
    filled.fill("installations", {"asset": "A1", "software": "P1"}, {"asset": "A2", "software": "P1"})
    moment = Moment(filled.now)
    found = software(filled.inventory, tuple(holders(filled.inventory)), moment)
    said = [(one.installation.vendor, one.installation.name, one.installation.version) for one in found]
    assert said == [
        ("Apache", "Tomcat", "9.0.20"), ("", "Windows Server 2019", ""), ("华为", "S5700", "")
    ]  # fmt: skip
    assert len({one.installation.asset for one in found}) == 1

from correlation.posture.declaring import declared
from correlation.posture.model import Touch
from correlation.posture.placing import Places
from tests.correlation.posture.making import NOON, POLICY
from tests.correlation.posture.test_declaring import entry, land


def _places() -> Places:
    known = land(
        entry("10.8.0.0/16", unit="health", district="A"), entry("10.8.1.20", asset="his", system="HIS", cii=True),
        entry("10.0.0.0/8", unit="a", space="tenant-a"), entry("10.8.1.20", asset="vm", space="tenant-a"),
        entry(host="mail", asset="mail-1", unit="office"), spaces=("tenant-a",),
    )  # fmt: skip
    return Places(declared(known, NOON), known.table, POLICY, NOON)


def test_names_of_incidents_become_places() -> None:
    his = Touch("health", "A", "", "-", "his")
    places = _places()
    assert places.touches(["address:10.8.1.20"]) == (his,)
    assert places.touches(["asset:his", "unit:health"]) == (his,), "a unit alone tells nothing more"
    assert places.touches(["address:tenant-a/10.8.1.20"]) == (Touch("a", "", "tenant-a", "", "vm"),)
    assert places.touches(["asset:tenant-a/vm"]) == (Touch("a", "", "tenant-a", "", "vm"),)
    assert places.touches(["host:MAIL"]) == (Touch("office", "", "", "", "mail-1"),)
    assert places.touches(["unit:gone"]) == (Touch("gone"),)


def test_what_nobody_declared_is_nowhere() -> None:
    places = _places()
    assert places.touches(["address:198.51.100.9", "host:stranger", "user:root", "address:no address"]) == ()
    assert places.touches(["user:tenant-a/root"]) == (Touch(space="tenant-a"),)
    assert places.touches(["user:domain/root"]) == ()


def test_a_device_is_found_by_its_address_or_its_name() -> None:
    places = _places()
    assert {one.unit for one in places.device("10.8.3.3", "mail")} == {"health", "office"}
    assert places.device("", "stranger") == ()

from sensors.event.times import from_iso
from tests.inventory.vulnerabilities.making import advisories, items, reasons


def test_the_catalogue_and_its_table_say_the_same() -> None:
    first, second = advisories(items("good.kev.json"))
    assert (first.id, first.exploited, first.ransomware) == ("CVE-2026-9991", True, True)
    assert first.due == from_iso("2026-11-23")
    assert first.references == ("https://example.invalid/1", "https://example.invalid/2")
    assert not second.ransomware
    table = advisories(items("good.kev.csv"))
    assert [(one.id, one.due, one.ransomware) for one in table] == [
        (one.id, one.due, one.ransomware) for one in (first, second)
    ]


def test_hostile_entries_are_told() -> None:
    read = items("hostile.kev.json")
    assert [(one.id, one.due) for one in advisories(read)] == [("CVE-2026-9997", None)]
    assert reasons(read)[:2] == ["advisory-no-id", "entry-no-object"]
    read = items("hostile.kev.csv")
    assert reasons(read)[0] == "advisory-no-id"
    assert any(reason.startswith("field larger") for reason in reasons(read))
    assert [one.id for one in advisories(read)] == ["CVE-2026-9998", "CVE-2026-9999"], "the rest goes on"

"""What NetBox and Konveyor publish themselves is recognised, and their faulty samples are refused with every fault."""

from pathlib import Path

import pytest

from inventory.foreign.errors import ForeignFormatUnknown
from inventory.foreign.model import Proposal
from inventory.foreign.netbox import kind_of
from inventory.foreign.reading import format_of, read_foreign
from tests.conformance.places import DATA

pytestmark = pytest.mark.conformance

FORMS = DATA / "inventory" / "netbox" / "blank"
FIXTURES = DATA / "cloud_migration" / "konveyor" / "cypress" / "fixtures"
FORMS_IN_ALL = 88
OURS = {
    "circuits.Circuit": "circuits", "dcim.Device": "devices", "dcim.Site": "sites",
    "ipam.IPAddress": "addresses_of_devices", "ipam.Prefix": "prefixes", "ipam.VLAN": "vlans", "ipam.VRF": "vrfs",
    "tenancy.Tenant": "tenants", "virtualization.VirtualMachine": "virtual_machines",
}  # fmt: skip
"""Forms of objects that have a place in our registers; of all others NetBox has no form that is mistaken for one."""
FAULTS = [
    ("sections[1].questions[1].order", "foreign-no-number"),
    ("sections[1].questions[1].text", "foreign-no-text"),
    ("sections[1].questions[2].answers[3].order", "foreign-no-number"),
    ("sections[1].questions[2].answers[5].order", "foreign-no-number"),
    ("thresholds.red", "foreign-percent"),
]


def test_the_forms_of_netbox_are_told_from_each_other() -> None:
    files = sorted(FORMS.glob("*.csv"))
    assert len(files) == FORMS_IN_ALL
    found = {}
    for file in files:
        kind = kind_of(file.read_bytes())
        if kind is not None:
            found[file.name.removesuffix("ImportForm.csv")] = kind.name
            assert format_of(file).name == "netbox"
            assert list(read_foreign(file)) == []
        else:
            with pytest.raises(ForeignFormatUnknown):
                format_of(file)
    assert found == OURS


def test_applications_of_konveyor() -> None:
    folder = FIXTURES / "app_import" / "csv"
    found = {
        file.name: [one.cells for one in read_foreign(file) if isinstance(one, Proposal)]
        for file in sorted(folder.glob("*.csv"))
    }
    assert {name: [one["name"] for one in cells] for name, cells in found.items()} == {
        "template_application_import.csv": ["Customers", "Inventory", "Gateway"],
        "valid_application_rows.csv": ["Import-app-1", "Import-app-2"],
    }
    assert found["template_application_import.csv"][2]["depends_on"] == "Inventory; Customers"


@pytest.mark.parametrize(
    ("name", "faults"),
    [
        ("CloudReadiness_7.0.1.yaml", []),
        ("cloud-native.yaml", []),
        ("questionnaire-template-sample.yaml", []),
        ("invalid-questionnaire-template.yaml", FAULTS),
    ],
)
def test_questionnaires_of_konveyor(name: str, faults: list[tuple[str, str]]) -> None:
    path = FIXTURES / "questionnaire_import" / name
    assert format_of(path).name == "konveyor-questionnaire"
    found = list(read_foreign(path))
    assert not any(isinstance(one, Proposal) for one in found)
    assert [_fault(one, path) for one in found] == faults


def _fault(one: object, path: Path) -> tuple[str | None, object]:
    place = getattr(one, "place", None)
    assert place is not None
    assert place.file == str(path)
    return place.field, getattr(one, "parameters", {})["reason"]

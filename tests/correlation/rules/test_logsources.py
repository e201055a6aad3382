"""Where rules of each log source go."""

import pytest

from correlation.rules.logsources import routes
from correlation.rules.model import LogSource


def test_process_creations_are_in_two_channels() -> None:
    sysmon, security = routes(LogSource("windows", "process_creation"))
    assert dict(sysmon.where) == {
        "winlog.channel": {"microsoft-windows-sysmon/operational"},
        "event.code": {"1"},
    }
    assert dict(security.where) == {"winlog.channel": {"security"}, "event.code": {"4688"}}
    assert sysmon.names("Image") == "winlog.event_data.Image"
    assert security.names("Image") == "winlog.event_data.NewProcessName"
    assert security.names("CommandLine") == "winlog.event_data.CommandLine"
    assert {route.names("EventID") for route in (sysmon, security)} == {"event.code"}


def test_a_category_within_a_service() -> None:
    (route,) = routes(LogSource("windows", "process_creation", "sysmon"))
    assert dict(route.where)["event.code"] == {"1"}
    assert routes(LogSource("windows", "process_creation", "system")) == ()


def test_a_product_alone_is_all_of_it() -> None:
    (route,) = routes(LogSource("windows"))
    assert route.takes("windows.sysmon")
    assert not route.takes("system.syslog")
    assert route.where == ()


def test_a_category_alone_is_on_every_product() -> None:
    assert {route.dataset for route in routes(LogSource(None, "webserver"))} == {
        "web.access",
        "network.http",
        "suricata.http",
        "zeek.http",
    }


def test_zeek_names() -> None:
    (route,) = routes(LogSource("zeek", None, "dns"))
    assert [route.names(name) for name in ("query", "id.resp_p", "answers")] == [
        "dns.question.name",
        "destination.port",
        "zeek.dns.answers",
    ]


def test_files_of_smb_are_not_its_shares() -> None:
    files, shares = (
        {route.dataset: route.names for route in routes(LogSource("zeek", None, service))}["network.smb"]
        for service in ("smb_files", "smb_mapping")
    )
    assert [files(name) for name in ("path", "name", "action")] == ["smb.share", "file.path", "smb.action"]
    assert shares("path") == "smb.path"


@pytest.mark.parametrize(
    ("service", "dataset", "taken"),
    [
        ("network.flow", "network.flow", True),
        ("network", "network.flow", True),
        ("network", "networks.flow", False),
        ("network.flow", "network.dns", False),
        (None, "anything.at.all", True),
    ],
)
def test_own_rules(service: str | None, dataset: str, taken: bool) -> None:
    found = routes(LogSource("hanwatch", None, service))
    assert any(route.takes(dataset) for route in found) is taken
    assert {route.names("source.ip") for route in found} == {"source.ip"}


@pytest.mark.parametrize(
    "logsource",
    [
        LogSource("aws", None, "cloudtrail"),
        LogSource("windows", "file_rename"),
        LogSource("hanwatch", "process_creation"),
        LogSource("linux", "process_creation"),
        LogSource("windows", None, "no-such-service"),
    ],
)
def test_what_we_have_no_dataset_for(logsource: LogSource) -> None:
    assert routes(logsource) == ()

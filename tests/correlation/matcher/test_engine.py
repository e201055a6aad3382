"""The matcher from outside: hand-made records of each kind, and the rules that must fire on them."""

import numpy as np
import pytest

from correlation.matcher.engine import Matcher
from correlation.rules.model import Rule
from tests.correlation.matcher.making import make_batch, make_rule

CREATION = make_rule(
    {"s": {"Image|endswith": "\\certutil.exe", "CommandLine|contains|all": ["urlcache", "http"]}, "condition": "s"},
    "download",
    product="windows",
    category="process_creation",
)
LOGON = make_rule(
    {"s": {"EventID": 4625, "LogonType": 3}, "condition": "s"}, "logon", product="windows", service="security"
)
FLOW = make_rule(
    {"s": {"destination.port": [22, 3389], "source.ip|cidr": "10.0.0.0/8"}, "condition": "s"},
    "flow",
    product="hanwatch",
    service="network.flow",
)
KEYWORD = make_rule({"k": ["mimikatz"], "condition": "k"}, "keyword", product="windows")
SYSMON = {"winlog.channel": "Microsoft-Windows-Sysmon/Operational", "event.code": "1"}
SECURITY = {"winlog.channel": "Security", "event.code": "4688"}
RULES = [CREATION, LOGON, FLOW, KEYWORD]


def rules_of(*args: object, **kwargs: object) -> list[list[Rule]]:
    batch = make_batch(*args, **kwargs)  # type: ignore[arg-type]
    found = {match.row: list(match.rules) for match in Matcher(RULES).match(batch)}
    return [found.get(row, []) for row in range(len(batch))]


def test_sysmon_and_security_call_one_thing_by_two_names() -> None:
    command = {"winlog.event_data.CommandLine": "certutil -urlcache -f http://x"}
    image = {"winlog.event_data.Image": "C:\\Windows\\certutil.exe"}
    name = {"winlog.event_data.NewProcessName": "C:\\Windows\\CertUtil.exe"}
    assert rules_of([command | image], "windows.sysmon", SYSMON) == [[CREATION]]
    assert rules_of([command | name], "windows.security", SECURITY) == [[CREATION]]
    assert rules_of([command | image], "windows.security", SECURITY) == [[]]
    assert rules_of([command | image], "windows.sysmon", SYSMON | {"event.code": "7"}) == [[]]
    assert rules_of([command | image], "zeek.conn", SYSMON) == [[]]


def test_channels_in_any_case_and_codes_as_numbers() -> None:
    row = {"winlog.event_data.LogonType": 3}
    for channel, code in (("security", 4625), ("SECURITY", "4625"), ("Security", 4625.0)):
        assert rules_of([row], "windows.security", {"winlog.channel": channel, "event.code": code}) == [[LOGON]]
    assert rules_of([row], "windows.security", {"winlog.channel": "Security", "event.code": 4624}) == [[]]


def test_kinds_that_vary_within_a_batch() -> None:
    rows = [
        {"event.code": "4625", "winlog.event_data.LogonType": "3", "winlog.event_data.X": "a"},
        {"event.code": "4624", "winlog.event_data.LogonType": "3", "winlog.event_data.X": "MimiKatz"},
        {"event.code": 4625, "winlog.event_data.LogonType": "2", "winlog.event_data.X": "mimikatz"},
        {"event.code": 4625, "winlog.event_data.LogonType": "3", "winlog.event_data.X": "mimikatz"},
    ]
    assert rules_of(rows, "windows.security", {"winlog.channel": "Security"}) == [
        [LOGON],
        [KEYWORD],
        [KEYWORD],
        [LOGON, KEYWORD],
    ]


def test_arrays_as_columns() -> None:
    batch = make_batch(
        [{"source.ip": "10.1.1.1", "destination.port": 22}, {"source.ip": "11.1.1.1", "destination.port": 22}]
    )
    columns = {"source.ip": batch.columns["source.ip"], "destination.port": np.array([22, 22], dtype=np.uint16)}
    object.__setattr__(batch, "columns", columns)
    object.__setattr__(batch, "dataset", "network.flow")
    assert [(match.row, match.rules) for match in Matcher(RULES).match(batch)] == [(0, (FLOW,))]


def test_time_is_a_field() -> None:
    rule = make_rule({"s": {"@timestamp|hour": 12}, "condition": "s"})
    assert len(Matcher([rule]).match(make_batch([{"a": 1}, {"a": 2}]))) == 2
    rule = make_rule({"s": {"@timestamp|hour|gt": 12}, "condition": "s"})
    assert Matcher([rule]).match(make_batch([{"a": 1}])) == []


def test_the_dataset_is_a_field() -> None:
    rule = make_rule({"s": {"event.dataset|startswith": "network."}, "condition": "s"})
    assert [len(Matcher([rule]).match(make_batch([{"a": 1}], name))) for name in ("network.dns", "web.access")] == [
        1,
        0,
    ]


def test_documents_as_they_are() -> None:
    matcher = Matcher(RULES, mapping=False)
    assert matcher.match_document({"EventID": "4625", "LogonType": 3}) == (LOGON,)
    assert matcher.match_document(
        {"source": {"ip": "10.0.0.1"}, "destination": {"port": "22"}, "x": [{"y": "MIMIKATZ"}]}
    ) == (FLOW, KEYWORD)
    assert matcher.match_document({}) == ()


def test_many_documents_come_in_order() -> None:
    events = [{"EventID": 4625, "LogonType": 3} if n % 7 == 0 else {"other": n} for n in range(2_500)]
    found = list(Matcher(RULES, mapping=False).match_documents(iter(events)))
    assert found == [(n, (LOGON,)) for n in range(0, 2_500, 7)]


def test_raw_documents_are_routed_by_channel_and_id() -> None:
    matcher = Matcher(RULES, mapping=False, routing=True)
    event = {"Image": "x\\certutil.exe", "CommandLine": "urlcache http"}
    assert matcher.match_document({**event, "Channel": "microsoft-windows-sysmon/operational", "EventID": "1"}) == (
        CREATION,
    )
    assert matcher.match_document({**event, "Channel": "Security", "EventID": 1}) == ()
    assert matcher.match_document({"Channel": "Security", "EventID": 4625, "LogonType": "3"}) == (LOGON,)
    assert matcher.match_document({"Channel": "anything", "EventID": 1, "A": "mimikatz"}) == (KEYWORD,)
    assert matcher.match_document(event) == ()


def test_stored_events_are_routed_by_their_dataset() -> None:
    event = {"event": {"dataset": "network.flow"}, "source.ip": "10.0.0.1", "destination.port": 3389}
    assert Matcher(RULES).match_document(event) == (FLOW,)


def test_preparing_changes_nothing() -> None:
    matcher, batch = Matcher(RULES), make_batch([{"source.ip": "10.1.1.1", "destination.port": 22}], "network.flow")
    matcher.prepare(batch)
    assert [match.rules for match in matcher.match(batch)] == [(FLOW,)]


def test_no_rules() -> None:
    assert Matcher([]).match(make_batch([{"a": 1}])) == []
    assert Matcher([], mapping=False).match_document({"a": 1}) == ()


@pytest.mark.parametrize(
    "value", ["x" * 300_000, "\ud800", "\0", "a\n" * 1_000, "é" * 1_000, [[["deep"]]], {"a": {"b": [None]}}]
)
def test_odd_values_do_no_harm(value: object) -> None:
    assert rules_of([{"source.ip": value, "destination.port": value}], "network.flow") == [[]]
    assert rules_of([{"winlog.event_data.CommandLine": value}], "windows.sysmon", SYSMON) == [[]]

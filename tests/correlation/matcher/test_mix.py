"""The mix is reproducible, and what it says it is."""

from collections import Counter

import pytest

from correlation.matcher.mix import SHARES, batches, mixed

SYSMON = "Microsoft-Windows-Sysmon/Operational"
EVENTS = [
    {"Channel": SYSMON, "EventID": 1, "Provider_Name": "S", "Image": "C:\\a.exe", "CommandLine": "a 1234", "User": "x"},
    {"Channel": SYSMON, "EventID": 7, "Provider_Name": "S", "Image": "C:\\b.exe", "ImageLoaded": "C:\\b.dll"},
    {"Channel": "Security", "EventID": "4624", "Provider_Name": "A", "Computer": "h", "LogonId": "0x1234"},
    {"Channel": "System", "EventID": 7045, "Provider_Name": "A", "Computer": "h", "ServiceName": "n"},
]


def test_the_same_seed_gives_the_same_mix() -> None:
    assert list(mixed(EVENTS, 200, 1)) == list(mixed(EVENTS, 200, 1)) != list(mixed(EVENTS, 200, 2))


def test_shares_are_kept() -> None:
    count = 20_000
    found = Counter(str(event["EventID"]) for event in mixed(EVENTS, count, 3))
    for code in ("1", "7"):
        share = SHARES[SYSMON.lower(), code]
        assert found[code] / count == pytest.approx(share, rel=0.15)
    assert found["4624"] > 0
    assert found["7045"] > 0


def test_values_vary_but_kinds_do_not() -> None:
    made = [event for event in mixed(EVENTS, 5_000, 4) if event["EventID"] == "4624"]
    assert {event["Channel"] for event in made} == {"Security"}
    assert len({event["Computer"] for event in made}) > 50
    assert len({event["LogonId"] for event in made}) > 50
    assert all(len(event["LogonId"]) == 6 for event in made)


def test_batches_hold_all_events() -> None:
    made = list(mixed(EVENTS, 3_000, 5))
    found = list(batches(made, received=1))
    assert sum(map(len, found)) == 3_000
    assert {batch.constants["event.code"] for batch in found} == {"1", "7", "4624", "7045"}
    assert "winlog.event_data.CommandLine" in next(b for b in found if b.constants["event.code"] == "1").columns


def test_nothing_to_draw_from() -> None:
    with pytest.raises(ValueError, match="no events"):
        mixed([], 1, 1)

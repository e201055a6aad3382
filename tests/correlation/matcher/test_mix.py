"""The mix is reproducible, and what it says it is."""

import re
from collections import Counter

import pytest

from correlation.matcher.mix import NOVEL, SHARES, batches, mixed

SYSMON = "Microsoft-Windows-Sysmon/Operational"
EVENTS = [
    {"Channel": SYSMON, "EventID": 1, "Provider_Name": "S", "Image": "C:\\a.exe", "CommandLine": "a 1234", "User": "x"},
    {"Channel": SYSMON, "EventID": 7, "Provider_Name": "S", "Image": "C:\\b.exe", "ImageLoaded": "C:\\b.dll"},
    {"Channel": "Security", "EventID": "4624", "Provider_Name": "A", "Computer": "h", "LogonId": "0x1234",
     "Keywords": "0x8020000000000000"},
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


def test_what_tells_events_apart_varies_and_nothing_else() -> None:
    made = [event for event in mixed(EVENTS, 5_000, 4) if event["EventID"] == "4624"]
    assert {event["Channel"] for event in made} == {"Security"}
    assert len({event["Computer"] for event in made}) > 50
    assert len({event["LogonId"] for event in made}) > 50
    assert all(len(event["LogonId"]) == 6 for event in made)
    assert {event["Keywords"] for event in made} == {"0x8020000000000000"}


def test_commands_keep_their_words() -> None:
    event = {
        **EVENTS[0], "CommandLine": "C:\\Users\\ann\\app32.exe -pid 4711 shell32.dll 1.22.333",
        "User": "NT AUTHORITY\\SYSTEM",
        "DestinationIp": "10.1.2.3", "TerminalSessionId": 7,
    }
    made = list(mixed([event], 300, 6))
    pattern = re.compile(r"C:\\Users\\user\d{4}\\app32.exe -pid \d{4} shell32.dll 1.22.333")
    assert all(pattern.fullmatch(one["CommandLine"]) for one in made)
    assert len({one["CommandLine"] for one in made}) > 200
    assert {one["User"] for one in made} == {event["User"]}
    assert {one["TerminalSessionId"] for one in made} == {7}
    assert all(one["DestinationIp"].startswith("10.1.2.") for one in made)


def test_most_events_repeat_what_was_done() -> None:
    events = [{"Channel": "System", "EventID": 1, "ImageLoaded": f"C:\\{n}.dll"} for n in range(5_000)]
    made = [event["ImageLoaded"] for event in mixed(events, 2_000, 7)]
    assert len(set(made)) / len(made) == pytest.approx(NOVEL, rel=0.3)
    assert Counter(made).most_common(1)[0][1] > 20


def test_batches_hold_all_events() -> None:
    made = list(mixed(EVENTS, 3_000, 5))
    found = list(batches(made, received=1))
    assert sum(map(len, found)) == 3_000
    assert {batch.constants["event.code"] for batch in found} == {"1", "7", "4624", "7045"}
    assert "winlog.event_data.CommandLine" in next(b for b in found if b.constants["event.code"] == "1").columns


def test_nothing_to_draw_from() -> None:
    with pytest.raises(ValueError, match="no events"):
        mixed([], 1, 1)

"""The bench's parts that need neither recorded events nor another program."""

from pathlib import Path

from correlation.matcher import bench as module
from sensors.event.codec import decode
from tests.correlation.matcher.making import make_batch, make_rule
from tests.correlation.matcher.test_mix import EVENTS

RULES = [
    make_rule(
        {"s": {"CommandLine|contains": "a"}, "condition": "s"}, "a", product="windows", category="process_creation"
    ),
    make_rule({"s": {"EventID": 7045}, "condition": "s"}, "b", product="windows", service="system"),
]


def test_every_way_finds_the_same() -> None:
    results = {result["bench"]: result for result in module._measured(RULES, EVENTS * 30, "no-such-program")}
    found = {name: result["detections"] for name, result in results.items() if "detections" in result}
    assert set(found.values()) == {60}
    assert len(found) == 9
    assert results["matcher.batches.cold"]["decoding_seconds"] > 0
    assert results["matcher.ratios"]["to_peer_without_its_reading"] is None
    assert results["matcher.ratios"]["cold_to_peer"] is None
    assert "not installed" in results["matcher.ratios"]["peer"]


def test_the_mix_is_described() -> None:
    said = module._described(EVENTS)
    assert (said["events"], said["process_creations"], said["distinct"]["CommandLine"]) == (4, 0.25, 1)
    assert said["mean_bytes"] > 50


def test_records_hold_all_batches_in_order() -> None:
    portions = [make_batch([{"A": str(number)}] * 900) for number in range(11)]
    records = [list(decode(record)) for record in module._records(portions)]
    assert [len(record) for record in records] == [5, 5, 1]
    assert [batch.columns["A"][0] for record in records for batch in record] == [str(number) for number in range(11)]
    assert module._records([]) == []


def test_rule_folders_are_found_once(tmp_path: Path) -> None:
    for name in ("hq/rules/windows/rules-old", "hq/rules-hunting", "hq/regression_data/rules"):
        (tmp_path / name).mkdir(parents=True)
    assert [path.name for path in module.rule_folders(tmp_path)] == ["rules", "rules-hunting"]


def test_any_batches_can_be_measured() -> None:
    rule = make_rule({"s": {"A": "x"}, "condition": "s"})
    compiling, cold, warm = module.bench_batches([rule], [make_batch([{"A": "x"}, {"A": "y"}])] * 3)
    assert (compiling["rules"], cold["events"], cold["detections"], warm["detections"]) == (1, 6, 3, 3)
    assert cold["evaluated_share"] == 2 / 6

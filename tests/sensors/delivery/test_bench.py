"""The bench measures what it says: every event goes in and comes out, and nothing stays behind."""

from pathlib import Path

from sensors.delivery.bench import GROUP, SMALL_PORTION, bench


def test_every_part_moves_all_events(tmp_path: Path) -> None:
    results = {result["bench"]: result for result in bench(tmp_path, events=5 * SMALL_PORTION * GROUP // 4)}
    events = 5 * SMALL_PORTION * GROUP // 4
    assert {name: result["events"] for name, result in results.items()} == {
        "spool.append": events,
        "spool.append.small": events,
        "spool.append.grouped": events,
        "spool.read": 3 * events,
        "spool.consume": 3 * events,
    }
    assert all(result["per_second"] > 0 for result in results.values())
    assert results["spool.append"]["bytes"] > events
    assert list(tmp_path.iterdir()) == []

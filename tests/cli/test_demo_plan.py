"""The plan of addresses that `hanwatch run --demo` writes."""

from pathlib import Path

from cli.demo import PORTAL, STATIONS
from cli.demo_plan import PLAN_NAME, write_plan
from cli.settings import load_settings
from correlation.context.addresses import address_of
from correlation.context.loading import load_context
from correlation.context.table import Table
from correlation.context.timeline import known_at
from sensors.event.times import from_iso

NOW = from_iso("2026-11-22T12:00:00Z")


def test_the_plan_is_context_of_the_samples(tmp_path: Path) -> None:
    plan = write_plan(tmp_path)
    assert plan == tmp_path / PLAN_NAME
    (named,) = load_settings(data=tmp_path).context.files
    assert Path(named) == plan
    assert "Synthetic" in plan.read_text(encoding="utf-8").splitlines()[0]
    loaded = load_context([plan])
    assert not loaded.problems
    table = Table(loaded.entries)
    for station in (*STATIONS, PORTAL):
        address = address_of(station)
        assert address is not None
        known = known_at(table.told(address), NOW)
        assert known is not None, station
        assert known.unit, station


def test_settings_that_are_there_stay(tmp_path: Path) -> None:
    own = tmp_path / "hanwatch.yml"
    own.write_text("store: {}\n", encoding="utf-8")
    assert write_plan(tmp_path) is None
    assert own.read_text(encoding="utf-8") == "store: {}\n"
    assert [path.name for path in tmp_path.iterdir()] == ["hanwatch.yml"]

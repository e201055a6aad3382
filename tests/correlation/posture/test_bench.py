from pathlib import Path

from correlation.posture.bench import MUNICIPAL, UNITS, bench, made_entries


def test_every_measurement_says_what_was_done(tmp_path: Path) -> None:
    results = {one["bench"]: one for one in bench(tmp_path, events=60)}
    assert list(results) == [f"posture.{name}" for name in ("context", "facts", "score", "record", "verify")]
    assert results["posture.facts"]["incidents"] == 60
    assert results["posture.verify"]["same"] is True


def test_the_city_is_of_the_plans_size() -> None:
    entries = made_entries(1_000)
    units = {entry.known.unit for entry in entries if entry.known.unit}
    districts = {entry.known.district for entry in entries if entry.known.district}
    assert (len(units), len(districts)) == (MUNICIPAL + UNITS, 15)

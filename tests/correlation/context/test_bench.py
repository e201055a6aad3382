from correlation.context.bench import bench, made_entries


def test_every_measurement_says_what_was_done() -> None:
    results = {one["bench"]: one for one in bench(events=1_500)}
    assert list(results) == ["context.build", "context.distinct", "context.traffic", "context.again"]
    assert results["context.distinct"]["distinct"] == 3_000
    assert 100 < results["context.traffic"]["distinct"] < 3_000


def test_the_plan_is_of_a_citys_size() -> None:
    entries = made_entries(networks=50, assets=200)
    assert len(entries) == 50 + 200 + 20
    assert sum(entry.valid_to is not None for entry in entries) == 20

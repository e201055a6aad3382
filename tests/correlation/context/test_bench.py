from correlation.context.bench import bench, made_entries, network_rules


def test_every_measurement_says_what_was_done() -> None:
    results = {one["bench"]: one for one in bench(events=1_500)}
    assert list(results) == [
        "context.build", "context.distinct", "context.traffic", "context.again", "context.with_rules"
    ]  # fmt: skip
    assert results["context.with_rules"]["rules"] == 100
    assert results["context.with_rules"]["matches"] > 10
    assert results["context.distinct"]["distinct"] == 3_000
    assert 100 < results["context.traffic"]["distinct"] < 3_000


def test_rules_that_are_made_are_read_and_look_at_flows() -> None:
    rules = network_rules(40)
    assert len(rules) == 40
    assert any(rule.title.startswith("made") for rule in rules)
    assert not all(rule.title.startswith("made") for rule in rules)
    assert len(network_rules(3)) == 3


def test_the_plan_is_of_a_citys_size() -> None:
    entries = made_entries(networks=50, assets=200)
    assert len(entries) == 50 + 200 + 20
    assert sum(entry.valid_to is not None for entry in entries) == 20

"""The bench of windows: it takes all signals and finds what it must."""

from correlation.windows.bench import bench


def test_all_signals_are_taken() -> None:
    few, many = bench(20_500)
    assert (few["bench"], many["bench"]) == ("windows.few", "windows.many")
    assert few["groups"] == 1_000
    assert 0 < few["findings"] <= 1_000
    assert many["groups"] > 10_000
    assert min(few["cpu_seconds"], many["cpu_seconds"]) > 0

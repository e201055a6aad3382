"""The yardstick of the benches: the same work every time, and a rate that says how often it was done."""

from typing import Any

import pytest

from cli import pace as module


def test_the_work_is_the_same_every_time() -> None:
    lines = [module._document(number) for number in range(500)]
    assert module._work(lines) == module._work(list(lines)) > 500
    assert len(set(lines)) == 500


def test_the_pace_is_the_median_round_of_a_cpu_second(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 0.5, 1.0, 1.25, 2.0, 12.0])  # rounds of 0.5, 0.25 and 10 seconds
    monkeypatch.setattr(module, "ROUNDS", 3)
    monkeypatch.setattr(module, "DOCUMENTS", 2)
    rounds: list[Any] = []
    monkeypatch.setattr(module, "_work", rounds.append)
    monkeypatch.setattr(module.time, "process_time", lambda: next(clock))
    assert module.pace() == 2.0
    assert len(rounds) == 3

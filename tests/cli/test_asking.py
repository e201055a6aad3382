import os
import signal
from pathlib import Path

import pytest

from cli.asking import ANSWERED, ASKED, NOTIFIER_ANSWERED, Answering, answer_to, ask, asked_by_hangup


def test_each_who_hears_answers_once_for_itself(tmp_path: Path) -> None:
    calls = []
    both = [
        Answering(tmp_path, file, lambda file=file: calls.append(file) or {"done": True, "problems": []}, "before")
        for file in (ANSWERED, NOTIFIER_ANSWERED)
    ]
    ask(tmp_path, "before")
    for one in both:
        one.look()
    assert calls == [], "that was done by beginning"
    ask(tmp_path, "one")
    for _ in range(2):
        for one in both:
            one.look()
    assert calls == [ANSWERED, NOTIFIER_ANSWERED]
    for file in calls:
        said = answer_to(tmp_path, "one", file)
        assert said is not None
        assert said["done"] is True
    assert answer_to(tmp_path, "two") is None


def test_sighup_asks_where_no_terminal_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signal, "getsignal", lambda _: signal.SIG_DFL)
    monkeypatch.setattr(os, "isatty", lambda _: False)
    with asked_by_hangup(tmp_path):
        os.kill(os.getpid(), signal.SIGHUP)
        assert (tmp_path / ASKED).read_text().startswith("hangup-")


def test_sighup_of_a_terminal_stays_what_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "isatty", lambda _: True)
    before = signal.getsignal(signal.SIGHUP)
    with asked_by_hangup(tmp_path):
        assert signal.getsignal(signal.SIGHUP) == before

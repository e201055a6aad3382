import os
import signal

import pytest

from cli.stopping import Stop


def test_a_request_sets_a_mark_and_the_handlers_come_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with Stop() as stop:
        assert not stop.asked()
        os.kill(os.getpid(), signal.SIGTERM)
        assert stop.asked()
        stop.wait(60)
    assert signal.getsignal(signal.SIGTERM) is before


def test_who_presses_twice_does_not_wait_and_a_supervisor_may_ask_beside() -> None:
    with Stop() as stop:
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGTERM)
        assert stop.asked()
    with Stop():
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)

"""Connections on loopback."""

import socket
from pathlib import Path

import pytest

from inventory.probing.dialing import dial, failure_of, reaches, trust


def test_a_port_is_open_or_not() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert dial("127.0.0.1", port, 1, lambda: 7).open
    closed = dial("127.0.0.1", port, 1, lambda: 7)
    assert (closed.failure, closed.at) == ("refused", 7)


def test_who_takes_no_more_connections_times_out() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        waiting = [socket.socket() for _ in range(3)]
        for one in waiting:
            one.settimeout(0)
            one.connect_ex(server.getsockname())
        assert dial("127.0.0.1", server.getsockname()[1], 0.2, int).failure == "timeout"
        for one in waiting:
            one.close()


def test_failures_have_codes() -> None:
    assert failure_of(OSError(101, "Network is unreachable")) == "unreachable"
    assert failure_of(TimeoutError()) == "timeout"


def test_a_route_is_asked_of_the_kernel() -> None:
    assert reaches("127.0.0.1")
    assert not reaches("nobody")


def test_authorities_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        trust(tmp_path / "none.pem")
    (tmp_path / "empty.pem").write_text("")
    with pytest.raises(OSError, match=r"NO_CERTIFICATE|no certificate"):
        trust(tmp_path / "empty.pem")

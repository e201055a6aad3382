import socket

import pytest

from cli.port import PortUnusable, listen


def test_a_port_that_is_taken_is_told_and_any_free_one_is_found() -> None:
    with listen("127.0.0.1", 0) as other:
        port = other.getsockname()[1]
        assert port
        with pytest.raises(PortUnusable) as told:
            listen("127.0.0.1", port)
        assert told.value.parameters == {"host": "127.0.0.1", "port": port, "reason": "taken"}
    with listen("127.0.0.1", port), socket.create_connection(("127.0.0.1", port)):
        pass

"""The port on which the API listens."""

import errno
import socket

from sensors.errors import Problem


class PortUnusable(Problem):
    """The API's address is taken by another program, or the right to use it is missing."""

    code = "port-unusable"


def listen(host: str, port: int) -> socket.socket:
    """A listening socket on loopback.

    Raises:
        PortUnusable: the port is taken or may not be used.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen()
    except OSError as error:
        listener.close()
        reason = "taken" if error.errno == errno.EADDRINUSE else error.strerror
        raise PortUnusable(host=host, port=port, reason=reason) from error
    return listener

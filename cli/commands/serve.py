"""`hanwatch serve`: the HTTP API and its page."""

import errno
import os
import secrets
import signal
import socket
from pathlib import Path

import typer
import uvicorn

from api.app import create_app
from api.ports import Services
from cli.house import house_of
from cli.options import DataOption, PortOption
from cli.output import out, tell
from cli.version import version
from sensors.errors import Problem

TOKEN_FILE = "api-token"  # noqa: S105 - the name of the file, not what is in it


class PortUnusable(Problem):
    """The API's address is taken by another program, or the right to use it is missing."""

    code = "port-unusable"


def serve(
    context: typer.Context,
    port: PortOption = None,
    data: DataOption = None,
) -> None:
    """Serve the API on loopback until asked to end; prints its address with the token."""
    with house_of(context, data) as house:
        listener = listen(house.settings.api.host, house.settings.api.port if port is None else port)
        token = api_token(house.settings.data)
        services = Services(house.store, house.book, house.spool, house.clock, token, version())
        host, number = listener.getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        server = uvicorn.Server(uvicorn.Config(create_app(services), log_level="warning", server_header=False))
        # The server listens to signals only while it runs and hands them on at its end: what is asked of it before must
        # not be lost, and what comes after has done its work.
        for asked in (signal.SIGTERM, signal.SIGINT):
            signal.signal(asked, server.handle_exit)
        out.print(tell("cli.serve.address", url=f"http://{shown}:{number}/#token={token}"), markup=False)
        server.run(sockets=[listener])


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


def api_token(data: Path) -> str:
    """The API's token: made once for a data folder, readable by its owner alone."""
    file = data / TOKEN_FILE
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text(encoding="ascii").strip()
    token = secrets.token_urlsafe(24)
    with os.fdopen(descriptor, "w", encoding="ascii") as opened:
        opened.write(token)
    return token

"""`hanwatch serve`: the HTTP API and its page."""

import os
import secrets
import signal
from collections.abc import Callable
from pathlib import Path

import typer
import uvicorn

from api.app import create_app
from api.ports import Services
from cli.ground import DataFolderUnusable, settings_file_of, settings_of
from cli.options import DataOption, PortOption
from cli.output import out, tell
from cli.parts.following import ShowsPosture
from cli.parts.incidents import served_incidents
from cli.port import listen
from cli.version import version
from correlation.notifying.outbox import Outbox
from correlation.notifying.standing import Standing, standing
from sensors.errors import Place

TOKEN_FILE = "api-token"  # noqa: S105 - the name of the file, not what is in it
TOKEN_CHARACTERS = 32


def serve(
    context: typer.Context,
    port: PortOption = None,
    data: DataOption = None,
) -> None:
    """Serve the API on loopback until asked to end; prints its address with the token."""
    file = settings_file_of(context, data)
    with ShowsPosture(settings_of(context, data), file, lambda: settings_of(context, data)) as house:
        listener = listen(house.settings.api.host, house.settings.api.port if port is None else port)
        token = api_token(house.settings.data)
        services = Services(
            house.store, house.book, house.spool, house.clock, token, version(), house.settings.sources.owner_of,
            incidents=served_incidents(house), posture=house.posture, notification=_notification(house),
        )  # fmt: skip
        host, number = listener.getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        server = uvicorn.Server(uvicorn.Config(create_app(services), log_level="warning", server_header=False))
        # The server listens to signals only while it runs and hands them on at its end: what is asked of it before must
        # not be lost, and what comes after has done its work.
        for asked in (signal.SIGTERM, signal.SIGINT):
            signal.signal(asked, server.handle_exit)
        out.print(tell("cli.serve.address", url=f"http://{shown}:{number}/#token={token}"), markup=False)
        server.run(sockets=[listener])


def _notification(house: ShowsPosture) -> Callable[[], Standing]:
    outbox = Outbox(house.database)

    def told() -> Standing:
        return standing(outbox, {channel.name for channel in house.current().notify.channels}, house.clock())

    return told


def api_token(data: Path) -> str:
    """The API's token: made once for a data folder, readable by its owner alone.

    It is there whole or not at all: an empty one, of a disk that was full, would let everybody in.
    """
    file = data / TOKEN_FILE
    if not file.exists() or file.stat().st_size < TOKEN_CHARACTERS:
        made = data / f".{TOKEN_FILE}.{os.getpid()}"
        made.unlink(missing_ok=True)
        try:
            with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as opened:
                opened.write(secrets.token_urlsafe(TOKEN_CHARACTERS * 3 // 4))
            made.replace(file)
        except OSError as error:
            made.unlink(missing_ok=True)
            raise DataFolderUnusable(place=Place(str(data)), reason=error.strerror) from error
    return file.read_text(encoding="ascii").strip()

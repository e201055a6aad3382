"""Loading what a process will need later on, while it may still read everything.

A process that becomes another user can load no module any more where that user may not read the interpreter or its
libraries: below root's home, say. Most of them are loaded when something is done for the first time, so everything is
done once beforehand, in a folder of its own, and codecs, which what is read may name, are all loaded.
"""

import encodings
import pkgutil
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from cli.output import err, note, out, table
from cli.parts.spool import WithSpool
from cli.settings import Settings
from sensors.capture.live.session import FORMAT, source_of
from sensors.reading.model import Portion, Position

_HOUSE: Final = "cli.house"
"""The whole takes long to load: only what matches does."""


def rehearse(settings: Settings, portion: Portion, *, matching: bool) -> None:
    """Say something, deliver a portion, and match and store it where that is wanted; nothing of it is seen or stays.

    Args:
        settings: say which store and database modules there are to load; their own folders, rules and servers are left
            alone.
        portion: what is delivered.
        matching: whether the process will match and store.
    """
    for module in pkgutil.iter_modules(encodings.__path__, "encodings."):
        # Some belong to other systems.
        with suppress(ImportError):
            import_module(module.name)
    import_module("cli.version").version()
    with out.capture(), err.capture():
        note("cli.capture.begun", interfaces="")
        table(("", ""), (("", ""),), right=(1,), fold=())
    with TemporaryDirectory(prefix="hanwatch-") as folder:
        apart = Settings(data=Path(folder))
        source = source_of("rehearsal", "", 0)
        if not matching:
            with WithSpool(apart) as delivery:
                delivery.spool.append(source, FORMAT, portion, Position())
            return
        import_module("correlation.store.factory").load(settings.store.kind)
        import_module("inventory.database").load(settings.database_url)
        with import_module(_HOUSE).House(apart) as house:
            house.spool.append(source, FORMAT, portion, Position())
            correlator = house.correlator(house.rules(), live=True)
            correlator.drain()
            correlator.rest()

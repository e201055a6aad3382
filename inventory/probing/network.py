"""The network of this machine as probes use it; what it must not connect to is refused here, once for all."""

import time
from collections.abc import Sequence
from pathlib import Path
from threading import Event
from typing import Final

from inventory.probing.asking import ask
from inventory.probing.dialing import Trust, dial, reaches
from inventory.probing.fetching import fetch
from inventory.probing.model import Dial, Exchange, Family, Limits, Lookup, Transport
from inventory.probing.refusing import refused
from sensors.event.times import Clock

_CONFIGURED: Final = Path("/etc/resolv.conf")


class SystemNetwork:
    """This machine's sockets. May be used by several threads at once."""

    def __init__(
        self, resolvers: Sequence[str], trust: Trust, clock: Clock, limits: Limits, *, private: bool = False
    ) -> None:
        """`resolvers`: addresses, with `#port` where it is not 53; `private`: sites may stand in RFC 1918."""
        self.resolvers = tuple(resolvers)
        self.limits = limits
        self._trust = trust
        self._clock = clock
        self._private = private
        self._stopped = Event()

    def now(self) -> int:
        """Nanoseconds since 1970."""
        return self._clock()

    def seconds(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()

    def wait(self, seconds: float) -> None:
        """Sleep, unless stopped."""
        self._stopped.wait(seconds)

    def stop(self) -> None:
        """Ask nobody any more."""
        self._stopped.set()

    def ask(self, server: str, name: str, kind: str, transport: Transport = "udp", *, recursive: bool = True) -> Lookup:
        """Ask a name server; one that a site names is asked only at an address that may be connected to."""
        why = self._refusal(server) if server not in self.resolvers or self._stopped.is_set() else ""
        if why:
            return Lookup(name, kind, server, transport, self.now(), 0, "unreachable", detail=why)
        return ask(server, name, kind, transport, recursive=recursive, limits=self.limits, clock=self._clock)

    def dial(self, address: str, port: int) -> Dial:
        """Open a connection and close it."""
        if why := self._refusal(address):
            return Dial(address, port, self.now(), 0, why)
        return dial(address, port, self.limits.connect_seconds, self._clock)

    def reaches(self, address: str) -> bool:
        """Whether there is a route."""
        return reaches(address)

    def fetch(self, url: str, family: Family, address: str, *, body: bool = True, cookie: str = "") -> Exchange:
        """GET a URL from the server at an address."""
        if why := self._refusal(address):
            return Exchange(url, family, address, self.now(), failure=why)
        begun = Exchange(url, family, address, self.now())
        return fetch(begun, body=body, cookie=cookie, limits=self.limits, trust=self._trust)

    def _refusal(self, address: str) -> str:
        """Why nothing is sent to an address; empty where it may be."""
        if self._stopped.is_set():
            return "stopped"
        return "address-refused" if refused(address, private=self._private) else ""


def configured_resolvers(file: Path = _CONFIGURED) -> tuple[str, ...]:
    """The resolvers that the system uses (resolv.conf(5)); none where the file is not there."""
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ()
    words = [line.split() for line in lines]
    return tuple(word[1] for word in words if len(word) > 1 and word[0] == "nameserver")

"""What probes need of a network: asking name servers, opening connections, exchanging HTTP, and waiting."""

from typing import Protocol

from inventory.probing.model import Dial, Exchange, Family, Limits, Lookup, Transport


class Network(Protocol):
    """A place from which servers are looked at. No method raises for what a server does."""

    @property
    def limits(self) -> Limits:
        """The bounds that hold for everything that is asked."""

    @property
    def resolvers(self) -> tuple[str, ...]:
        """Addresses of the resolvers, with `#port` where it is not 53."""

    def now(self) -> int:
        """Nanoseconds since 1970."""

    def seconds(self) -> float:
        """Seconds that never go back, from any beginning."""

    def wait(self, seconds: float) -> None:
        """Let so much time pass."""

    def stop(self) -> None:
        """From now on ask nobody: whatever goes on ends soon, with failures."""

    def ask(self, server: str, name: str, kind: str, transport: Transport = "udp", *, recursive: bool = True) -> Lookup:
        """Ask one name server for records of one type; over UDP what is truncated is asked again over TCP."""

    def dial(self, address: str, port: int) -> Dial:
        """Open a TCP connection and close it."""

    def reaches(self, address: str) -> bool:
        """Whether there is a route to an address; nothing is sent."""

    def fetch(self, url: str, family: Family, address: str, *, body: bool = True, cookie: str = "") -> Exchange:
        """GET an http or https URL from the server at an address; without `body` only the head is waited for."""

"""The API's section of the settings."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """Where the API listens. Only loopback until "API, access and console" brings accounts and TLS."""

    host: str = "127.0.0.1"
    port: int = 8642

    def __post_init__(self) -> None:
        if self.host not in {"127.0.0.1", "::1", "localhost"}:
            raise ValueError("the API listens on loopback only: 127.0.0.1, ::1 or localhost")
        if not 0 <= self.port <= 65_535:
            raise ValueError("a port is a number from 0 (any free one) to 65535")

"""Connections of channels: which certificates are trusted, and whether there is anybody."""

import socket
import ssl

from correlation.connecting import reason_of, trusting
from correlation.notifying.errors import AuthoritiesUnusable, DeliveryDeferred
from correlation.notifying.settings import ChannelSettings
from sensors.errors import Place


def authorities(settings: ChannelSettings) -> ssl.SSLContext:
    """Whom a channel trusts (correlation.connecting.trusting).

    Raises:
        AuthoritiesUnusable: the file cannot be read or is no PEM.
    """
    try:
        return trusting(settings.ca)
    except OSError as error:
        place = Place(str(settings.ca))
        raise AuthoritiesUnusable(place=place, name=settings.name, reason=reason_of(error)) from None


def reach_stream(host: str, port: int, timeout: float, tls: ssl.SSLContext | None) -> str:
    """Connect and leave again; where to.

    Raises:
        DeliveryDeferred: that fails.
    """
    try:
        with socket.create_connection((host, port), timeout) as plain:
            if tls is not None:
                tls.wrap_socket(plain, server_hostname=host).close()
    except OSError as error:
        raise DeliveryDeferred(reason=reason_of(error), answer="") from None
    return place_of(host, port)


def place_of(host: str, port: int) -> str:
    """Host and port as one text."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

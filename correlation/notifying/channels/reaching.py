"""Connections of channels: which certificates are trusted, and whether there is anybody."""

import socket
import ssl

from correlation.connecting import reason_of
from correlation.notifying.errors import AuthoritiesUnusable, DeliveryDeferred
from correlation.notifying.settings import ChannelSettings
from sensors.errors import Place


def authorities(settings: ChannelSettings) -> ssl.SSLContext:
    """TLS 1.2 or later (RFC 9662), the server's name checked, trusting the system's authorities or those of the file.

    Raises:
        AuthoritiesUnusable: the file cannot be read or is no PEM.
    """
    try:
        context = ssl.create_default_context(cafile=None if settings.ca is None else str(settings.ca.expanduser()))
    except (OSError, ssl.SSLError) as error:
        reason = error.strerror or str(error)
        raise AuthoritiesUnusable(place=Place(str(settings.ca)), name=settings.name, reason=reason) from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


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

"""Sockets and certificates of listeners, opened and checked before anything is received."""

import errno
import os
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sensors.errors import Place
from sensors.listening.datagrams import enlarge
from sensors.listening.errors import CertificateUnusable, ListenerUnusable
from sensors.settings import ListenerSettings

BACKLOG = 4_096
DATAGRAMS = frozenset({"syslog.udp", "netflow"})


@dataclass(frozen=True, slots=True)
class Bound:
    """A socket with its settings; `place` is where it really listens, `granted` its receive buffer in bytes (UDP)."""

    settings: ListenerSettings
    socket: socket.socket
    place: str
    granted: int | None


def bind(settings: ListenerSettings) -> Bound:
    """Open a listener's socket.

    Raises:
        ListenerUnusable: the port is taken, a right is missing, there is no such address.
    """
    udp = settings.kind in DATAGRAMS
    family = socket.AF_INET6 if ":" in settings.address else socket.AF_INET
    made = socket.socket(family, socket.SOCK_DGRAM if udp else socket.SOCK_STREAM)
    try:
        if not udp:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        granted = enlarge(made, settings.receive_bytes) if udp else None
        made.bind((settings.address, settings.port))
        if not udp:
            made.listen(BACKLOG)
    except OSError as error:
        made.close()
        raise ListenerUnusable(name=settings.identity, address=settings.place, reason=_reason(error)) from error
    host, port = made.getsockname()[:2]
    return Bound(settings, made, f"[{host}]:{port}" if ":" in host else f"{host}:{port}", granted)


def _reason(error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return "taken"
    if error.errno == errno.EACCES:
        return "privileged"
    return error.strerror or str(error)


def server_context(settings: ListenerSettings) -> ssl.SSLContext | None:
    """What TLS needs, where the settings name a certificate; TLS 1.2 or later (RFC 8996, RFC 9662).

    Raises:
        CertificateUnusable: a file cannot be read, is no PEM, or certificate and key are no pair.
    """
    if settings.certificate is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # A sender that only writes never reads its tickets of TLS 1.3; when it closes, its kernel resets the connection
    # over them, and ours throws away what it had received and we had not read yet.
    context.num_tickets = 0
    _used(settings, settings.key or settings.certificate, settings.certificate, context)
    if settings.client_ca is not None:
        readable(settings, settings.client_ca)
        try:
            context.load_verify_locations(settings.client_ca)
        except (OSError, ssl.SSLError) as error:
            raise _unusable(settings, settings.client_ca, error) from error
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def _used(settings: ListenerSettings, key: Path, certificate: Path, context: ssl.SSLContext) -> None:
    for file in (certificate, key):
        readable(settings, file)
    try:
        # A key that asks for a word would stop the start; an empty word fails instead.
        context.load_cert_chain(certificate, key, password="")
    except (OSError, ssl.SSLError, ValueError) as error:
        raise _unusable(settings, key, error) from error


def readable(settings: ListenerSettings, file: Path) -> None:
    """Whether a file can be read.

    Raises:
        CertificateUnusable: it cannot.
    """
    try:
        with file.expanduser().open("rb"):
            pass
    except OSError as error:
        raise _unusable(settings, file, error) from error


def _unusable(settings: ListenerSettings, file: Path, error: Exception) -> CertificateUnusable:
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return CertificateUnusable(place=Place(str(file)), name=settings.identity, reason=reason)


def allow_files(wanted: int) -> int:
    """Let this process have so many open files, as far as the system lets it; returns how many it may have."""
    if os.name != "posix":
        return wanted
    import resource  # noqa: PLC0415 - POSIX alone has it

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = resource.RLIM_INFINITY
    if soft != unlimited and soft < wanted:
        goal = wanted if hard == unlimited or hard >= wanted else hard
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (goal, hard))
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return wanted if soft == unlimited else soft

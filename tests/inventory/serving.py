"""Real name servers, web servers and certificates for tests, on addresses of a network of the test's own.

Everything is synthetic. Names are below `example.gov.cn`; addresses look real, since an audit takes no others, and lead
nowhere outside the namespace.
"""

import gzip
import socket
import socketserver
import ssl
import struct
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.namespaces import ip, own_network

Twist = Callable[[dns.message.Message, str], "bytes | list[bytes] | None"]
"""Answers instead of a name server: octets, several datagrams, or nothing at all (an empty list)."""


@contextmanager
def own_addresses(*addresses: str) -> Iterator[None]:
    """A network of the test's own that has these addresses, and no way to any other."""
    with own_network():
        for name in ("all", "lo"):
            Path(f"/proc/sys/net/ipv6/conf/{name}/disable_ipv6").write_text("0")
        for address in addresses:
            # Without detection of duplicates, during which an address cannot be bound.
            more = ("nodad",) if ":" in address else ()
            ip("addr", "add", f"{address}/{128 if more else 32}", "dev", "lo", *more)
        yield


def _family(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


@dataclass
class Zone:
    """Records by name and type, and what is asked of them."""

    records: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    asked: list[tuple[str, str, str, str]] = field(default_factory=list)
    """Server, transport, name and type of each question."""

    def put(self, name: str, kind: str, *texts: str) -> None:
        self.records[name, kind] = list(texts)

    def drop(self, name: str, kind: str) -> None:
        self.records.pop((name, kind), None)

    def answer(self, query: dns.message.Message) -> dns.message.Message:
        made = dns.message.make_response(query)
        made.flags |= dns.flags.AA
        question = query.question[0]
        name, kind = question.name, dns.rdatatype.to_text(question.rdtype)
        for _ in range(8):
            spelled = name.to_text(omit_final_dot=True).lower()
            if texts := self.records.get((spelled, kind)):
                made.answer.append(dns.rrset.from_text_list(name, 60, "IN", kind, texts))
                return made
            alias = self.records.get((spelled, "CNAME"))
            if not alias:
                break
            made.answer.append(dns.rrset.from_text(name, 60, "IN", "CNAME", *alias))
            name = dns.name.from_text(alias[0])
        if not any(known == spelled for known, _ in self.records):
            made.set_rcode(dns.rcode.NXDOMAIN)
        return made


class NameServer:
    """Serves a zone over UDP and TCP at one address."""

    def __init__(
        self,
        zone: Zone,
        address: str,
        twist: Twist | None = None,
        transports: Sequence[str] = ("udp", "tcp"),
        port: int = 53,
    ) -> None:
        def told(wire: bytes, transport: str) -> list[bytes]:
            query = dns.message.from_wire(wire)
            question = query.question[0]
            kind = dns.rdatatype.to_text(question.rdtype)
            zone.asked.append((address, transport, question.name.to_text(omit_final_dot=True), kind))
            if self.twist is not None and (made := self.twist(query, transport)) is not None:
                return [made] if isinstance(made, bytes) else made
            answer = zone.answer(query)
            if transport == "udp" and len(answer.to_wire(max_size=65_535)) > 1_232:
                answer.flags |= dns.flags.TC
                answer.answer.clear()
            return [answer.to_wire(max_size=65_535)]

        class Datagram(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                for one in told(self.request[0], "udp"):
                    self.request[1].sendto(one, self.client_address)

        class Stream(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                (length,) = struct.unpack("!H", self.rfile.read(2))
                for one in told(self.rfile.read(length), "tcp"):
                    self.wfile.write(struct.pack("!H", len(one)) + one)

        self.twist = twist
        self._servers: list[Any] = []
        if "udp" in transports:
            self._servers.append(_serve(_Udp, _family(address), (address, port), Datagram))
            port = self._servers[0].server_address[1]
        if "tcp" in transports:
            self._servers.append(_serve(_Tcp, _family(address), (address, port), Stream))
        self.place = f"{address}#{port}"

    def close(self) -> None:
        _close(self._servers)


class _Quiet:
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, _request: Any, _address: Any) -> None:
        """Clients that go away are part of the tests."""


class _Udp(_Quiet, socketserver.ThreadingUDPServer):
    pass


class _Tcp(_Quiet, socketserver.ThreadingTCPServer):
    request_queue_size = 64


class _Http(_Quiet, ThreadingHTTPServer):
    def server_bind(self) -> None:
        # The library's own would ask for the name of the address.
        socketserver.TCPServer.server_bind(self)


def _serve(kind: type[Any], family: socket.AddressFamily, place: tuple[str, int], handler: type[Any]) -> Any:
    made = type(kind.__name__, (kind,), {"address_family": family})(place, handler)
    threading.Thread(target=made.serve_forever, args=(0.02,), daemon=True).start()
    return made


def _close(servers: Sequence[socketserver.BaseServer]) -> None:
    for one in servers:
        one.shutdown()
        one.server_close()


@dataclass(frozen=True)
class Page:
    """What is answered to a GET."""

    body: bytes | str = b""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "text/html; charset=utf-8"),)


def redirect(to: str, status: int = 302) -> Page:
    return Page(status=status, headers=(("Location", to),))


def bomb(mebibytes: int) -> Page:
    """A body that unpacks to a thousand times of what it is."""
    packed = gzip.compress(bytes(mebibytes * 2**20), 9)
    return Page(packed, headers=(("Content-Type", "text/html"), ("Content-Encoding", "gzip")))


Answer = Page | Callable[[BaseHTTPRequestHandler], None]


class WebServer:
    """Serves pages by path, the same for every name, at one address and port."""

    def __init__(
        self, address: str, port: int, pages: dict[str, Answer], certificate: Path | None = None
    ) -> None:
        self.asked: list[tuple[str, str]] = []
        """Host and path of each request."""
        asked = self.asked
        self.pages = pages

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                asked.append((self.headers.get("Host", ""), self.path))
                page = pages.get(self.path, Page("not here", 404))
                if not isinstance(page, Page):
                    page(self)
                    self.close_connection = True
                    return
                body = page.body.encode() if isinstance(page.body, str) else page.body
                self.send_response(page.status)
                for name, value in page.headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                with suppress(OSError):
                    self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Not on the test's stderr."""

        self._server = _serve(_Http, _family(address), (address, port), Handler)
        self.port: int = self._server.server_address[1]
        if certificate is not None:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(certificate)
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )

    def close(self) -> None:
        _close([self._server])


class Authority:
    """Makes certificates that clients trust who know `file`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "synthetic authority")])
        made = self._begun(self._name, self._key.public_key(), -1, 30)
        made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        made = made.add_extension(
            x509.KeyUsage(
                digital_signature=True, content_commitment=False, key_encipherment=False, data_encipherment=False,
                key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
            ),
            critical=True,
        )
        self.file = folder / "authority.pem"
        self.file.write_bytes(made.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))

    def _begun(self, subject: x509.Name, key: Any, start: int, end: int) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        made = x509.CertificateBuilder().subject_name(subject).issuer_name(self._name).public_key(key)
        made = made.serial_number(x509.random_serial_number())
        return made.not_valid_before(now + timedelta(days=start)).not_valid_after(now + timedelta(days=end))

    def certificate(self, *names: str, days: tuple[int, int] = (-1, 30)) -> Path:
        """A file with a key and a certificate for these names, valid from and until so many days from now."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
        alternatives: list[x509.GeneralName] = []
        for name in names:
            try:
                alternatives.append(x509.IPAddress(ip_address(name)))
            except ValueError:
                alternatives.append(x509.DNSName(name))
        made = self._begun(subject, key.public_key(), *days)
        made = made.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        file = self._folder / f"{names[0].replace('*', '_').replace(':', '_')}{days[1]}.pem"
        file.write_bytes(pem + made.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
        return file

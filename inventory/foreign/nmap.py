"""Hosts and services of nmap's XML (`-oX`), read as it comes.

nmap.org/book/nmap-dtd.html. The document names its type but declares nothing in it; entities are refused. A host that
is down or answers on no address is left out.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any, Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from inventory.foreign.errors import ForeignEntryUnusable, ForeignUnreadable
from inventory.foreign.model import Assumed, Format, Found, Proposal
from sensors.errors import Place

_MOST_HOSTS: Final = 1 << 20
_MOST_OCTETS: Final = 4 << 30
_MOST_ELEMENTS: Final = 500_000
"""Of one host, all ports of which are about 400,000."""
_NOT_READ: Final = frozenset({"script", "trace", "extraports"})
_OF_THE_ROOT: Final = frozenset({"host", "hosthint", "taskprogress", "taskbegin", "taskend"})
_MOST_PORTS: Final = 1_000
"""Of one host; a host that answers on more is a trap."""
_KINDS: Final[Mapping[str, str]] = {
    "general purpose": "server", "router": "network", "switch": "network", "WAP": "network", "bridge": "network",
    "load balancer": "network", "broadband router": "network", "firewall": "security", "storage-misc": "storage",
    "printer": "terminal", "phone": "terminal", "webcam": "iot", "media device": "iot", "specialized": "other",
}  # fmt: skip
"""Types of devices as nmap names them (nmap.org/book/osdetect-device-types.html)."""
_SURE: Final = 85
"""From this accuracy on (percent) a guess at the operating system is taken."""


def read_nmap(path: Path, assumed: Assumed) -> Iterator[Found]:
    """Assets with their addresses, and of each service that was recognised the software and that it is installed.

    Raises:
        ForeignUnreadable: it is no such document, or breaks off; what came before was given.
    """
    place = Place(str(path))
    told = set[str]()
    try:
        if path.stat().st_size > _MOST_OCTETS:
            raise ForeignUnreadable(place=place, reason="foreign-too-large")
        with path.open("rb") as opened:
            for number, host in enumerate(_hosts(opened, place), 1):
                if number > _MOST_HOSTS:
                    raise ForeignUnreadable(place=place, reason="foreign-too-large")
                yield from _host(host, Place(str(path), number), assumed, told)
    except OSError as error:
        raise ForeignUnreadable(place=place, reason=error.strerror or str(error)) from error
    except (ParseError, DefusedXmlException, ValueError) as error:
        line = getattr(error, "position", (None,))[0]
        raise ForeignUnreadable(place=Place(str(path), line), reason="foreign-xml") from error


def _hosts(opened: IO[bytes], place: Place) -> Iterator[Element]:
    """The hosts of a document one by one; what was read of it is forgotten."""
    root: Element | None = None
    elements = 0
    for event, element in iterparse(opened, events=("start", "end"), forbid_entities=True, forbid_external=True):
        if event == "start":
            root = element if root is None else root
            elements += 1
            if root.tag != "nmaprun":
                raise ForeignUnreadable(place=place, reason="foreign-no-nmap")
            if elements > _MOST_ELEMENTS:
                raise ForeignUnreadable(place=place, reason="foreign-too-large")
        elif element.tag in _NOT_READ:
            element.clear()
        elif element.tag in _OF_THE_ROOT:
            if element.tag == "host":
                yield element
            if root is not None:
                root.clear()
            elements = 0


def _host(host: Element, place: Place, assumed: Assumed, told: set[str]) -> Iterator[Found]:
    status = host.find("status")
    if status is not None and status.get("state") != "up":
        return
    addresses = [one for one in host.findall("address") if one.get("addr")]
    internet = [str(one.get("addr")) for one in addresses if one.get("addrtype") in {"ipv4", "ipv6"}]
    if not internet:
        yield ForeignEntryUnusable(place=place, value="", reason="foreign-no-address")
        return
    mac = next((one for one in addresses if one.get("addrtype") == "mac"), None)
    space = assumed.fields.get("space", "")
    code = f"nmap:{space}/{internet[0]}" if space else f"nmap:{internet[0]}"
    match = max(host.findall("os/osmatch"), key=_accuracy, default=None)
    sure = match if match is not None and _accuracy(match) >= _SURE else None
    device = sure.find("osclass") if sure is not None else None
    names = [one for one in host.findall("hostnames/hostname") if one.get("name")]
    named = next((one for one in names if one.get("type") == "user"), names[0] if names else None)
    ports = [port for port in host.findall("ports/port") if _open(port)][:_MOST_PORTS]
    cells = {
        "code": code,
        "hostname": "" if named is None else str(named.get("name")),
        "addresses": "; ".join(internet),
        "mac": "" if mac is None else str(mac.get("addr")),
        "vendor": "" if mac is None else mac.get("vendor", ""),
        "os": "" if sure is None else sure.get("name", ""),
        "kind": "" if device is None else _KINDS.get(device.get("type", ""), ""),
    }
    services = {f"{port.get('protocol')}/{port.get('portid')}": _service(port) for port in ports}
    yield Proposal("assets", place, assumed.completed("assets", cells), evidence=services)
    for port in ports:
        yield from _software(port, code, place, assumed, told)


def _open(port: Element) -> bool:
    state = port.find("state")
    return state is not None and state.get("state") == "open"


def _service(port: Element) -> str:
    service = port.find("service")
    said: Any = {} if service is None else service.attrib
    tunnel = "ssl/" if said.get("tunnel") == "ssl" else ""
    words = (tunnel + said.get("name", ""), said.get("product", ""), said.get("version", ""))
    return " ".join(filter(None, words))


def _software(port: Element, asset: str, place: Place, assumed: Assumed, told: set[str]) -> Iterator[Found]:
    service = port.find("service")
    if service is None or not service.get("product"):
        return
    product, version = service.get("product", ""), service.get("version", "")
    cpe = next((one.text or "" for one in service.findall("cpe") if (one.text or "").startswith("cpe:/a:")), "")
    code = cpe or f"{product} {version}".strip()
    if code not in told:
        told.add(code)
        cells = {"code": code, "name": product, "version": version, "cpe": cpe}
        yield Proposal("software", place, assumed.completed("software", cells))
    installed = f"{asset}\0{code}"
    if installed not in told:
        told.add(installed)
        cells = {"asset": asset, "software": code}
        yield Proposal("installations", place, assumed.completed("installations", cells))


def _accuracy(match: Element) -> int:
    said = match.get("accuracy", "")
    return int(said) if said.isdecimal() and len(said) < 4 else 0


NMAP: Final = Format("nmap", lambda head: b"<nmaprun" in head, read_nmap, "nmap.org/book/nmap-dtd.html")

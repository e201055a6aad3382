"""Servers of OpenStack: `openstack server list --long -f json`, and what nova answers to `GET /servers/detail`.

docs.openstack.org/api-ref/compute, List Servers Detailed; the columns of the client are those of python-openstackclient
(compute/v2/server.py). Networks are a text `net=10.0.0.5, fd00::5; other=…` in older clients, an object in newer ones.
From microversion 2.47 on a server's flavour stands within it, with its cores and its memory.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from inventory.foreign.documents import json_of, mapping, octets_of, text
from inventory.foreign.errors import ForeignEntryUnusable, ForeignUnreadable
from inventory.foreign.model import Assumed, Format, Found, Proposal
from sensors.errors import Place

STATES: Final[Mapping[str, str]] = {
    "ACTIVE": "running", "REBOOT": "running", "HARD_REBOOT": "running", "PASSWORD": "running", "RESCUE": "running",
    "RESIZE": "running", "VERIFY_RESIZE": "running", "REVERT_RESIZE": "running", "MIGRATING": "running",
    "SHUTOFF": "stopped", "PAUSED": "stopped", "SUSPENDED": "stopped", "SHELVED": "stopped",
    "SHELVED_OFFLOADED": "stopped", "ERROR": "error", "DELETED": "deleted", "SOFT_DELETED": "deleted",
}  # fmt: skip
"""States of servers (api-guide/compute/server_concepts); one that is being built or unknown says nothing yet."""


def read_openstack(path: Path, assumed: Assumed) -> Iterator[Found]:
    """Cloud resources, one for each server."""
    place = Place(str(path))
    said = json_of(octets_of(path), place)
    servers = said if isinstance(said, list) else mapping(said).get("servers")
    if not isinstance(servers, list):
        raise ForeignUnreadable(place=place, reason="foreign-no-list")
    read = _listed if isinstance(said, list) else detailed
    for number, server in enumerate(servers, 1):
        yield resource(read(mapping(server)), Place(str(path), number), assumed)


def resource(cells: Mapping[str, str], place: Place, assumed: Assumed) -> Found:
    """The row of a server; one without an id is unusable."""
    if not cells["code"]:
        return ForeignEntryUnusable(place=place, value=cells["name"], reason="foreign-no-id")
    kind = {"kind": "virtual_machine"}
    return Proposal("cloud_resources", place, assumed.completed("cloud_resources", kind | dict(cells)))


def detailed(server: Mapping[str, Any]) -> dict[str, str]:
    """A server as the API tells it."""
    flavour, image = mapping(server.get("flavor")), mapping(server.get("image"))
    return {
        "code": text(server.get("id")),
        "name": text(server.get("name")),
        "tenant": text(server.get("tenant_id")),
        "addresses": "; ".join(addresses(mapping(server.get("addresses")))),
        "cores": text(flavour.get("vcpus")),
        "memory": gigabytes(flavour.get("ram")),
        "storage": text(flavour.get("disk")),
        "flavour": text(flavour.get("original_name")) or text(flavour.get("name")) or text(flavour.get("id")),
        "image": text(image.get("name")) or text(image.get("id")),
        "zone": text(server.get("OS-EXT-AZ:availability_zone")),
        "state": STATES.get(text(server.get("status")), ""),
        "created_on": text(server.get("created"))[:10],
    }


def addresses(networks: Mapping[str, Any]) -> list[str]:
    """Addresses of all networks, each once, in their order."""
    found = [mapping(one).get("addr") for network in networks.values() if isinstance(network, list) for one in network]
    return list(dict.fromkeys(filter(None, map(text, found))))


def gigabytes(said: Any) -> str:
    """Megabytes as gigabytes."""
    plain = text(said)
    return f"{int(plain) / 1024:g}" if plain.isdecimal() and len(plain) < 12 else ""


def _listed(server: Mapping[str, Any]) -> dict[str, str]:
    """A server as the client lists it."""
    networks = server.get("Networks")
    if isinstance(networks, Mapping):
        found = [text(one) for network in networks.values() if isinstance(network, list) for one in network]
    else:
        groups = [group.partition("=")[2] for group in text(networks).split(";")]
        found = [one.strip() for group in groups for one in group.split(",")]
    image = text(server.get("Image Name")) or text(server.get("Image"))
    return {
        "code": text(server.get("ID")),
        "name": text(server.get("Name")),
        "tenant": text(server.get("Project ID")),
        "addresses": "; ".join(dict.fromkeys(filter(None, found))),
        "flavour": text(server.get("Flavor")) or text(server.get("Flavor Name")),
        "image": "" if image.startswith("N/A") else image,
        "zone": text(server.get("Availability Zone")),
        "state": STATES.get(text(server.get("Status")), ""),
        "created_on": text(server.get("Created At"))[:10],
    }


def _recognises(head: bytes) -> bool:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    listed = start[:1] == b"[" and b'"Networks"' in head and b'"ID"' in head
    return listed or (start[:1] == b"{" and b'"servers"' in head and b'"addresses"' in head)


OPENSTACK: Final = Format(
    "openstack",
    _recognises,
    read_openstack,
    "docs.openstack.org/api-ref/compute; python-openstackclient, compute/v2/server.py",
)

"""Servers of Huawei Cloud: what ECS answers to ListServersDetails (`GET /v1/{project_id}/cloudservers/detail`).

support.huaweicloud.com/api-ecs/zh-cn_topic_0094148850.html and ecs_04_0002.html. It is nova's answer with members of
its own: the flavour with its cores and memory as texts, the image's name and the VPC among the metadata.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from inventory.foreign.documents import json_of, mapping, octets_of, text
from inventory.foreign.errors import ForeignUnreadable
from inventory.foreign.model import Assumed, Format, Found
from inventory.foreign.openstack import detailed, resource
from sensors.errors import Place

_ITS_OWN: Final = (b'"metering.', b'"enterprise_project_id"', b'"OS-EXT-SERVICE:')
"""Members that no other nova has."""


def read_huawei_cloud(path: Path, assumed: Assumed) -> Iterator[Found]:
    """Cloud resources, one for each server."""
    place = Place(str(path))
    servers = mapping(json_of(octets_of(path), place)).get("servers")
    if not isinstance(servers, list):
        raise ForeignUnreadable(place=place, reason="foreign-no-list")
    for number, one in enumerate(servers, 1):
        server = mapping(one)
        metadata = mapping(server.get("metadata"))
        cells = detailed(server)
        cells["image"] = text(metadata.get("image_name")) or cells["image"]
        # A disk of the flavour is none of a server that starts from a volume, as all do there.
        cells["storage"] = "" if cells["storage"] == "0" else cells["storage"]
        yield resource(cells, Place(str(path), number), assumed)


def _recognises(head: bytes) -> bool:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return start[:1] == b"{" and b'"servers"' in head and any(member in head for member in _ITS_OWN)


HUAWEI_CLOUD: Final = Format(
    "huawei-cloud",
    _recognises,
    read_huawei_cloud,
    "support.huaweicloud.com/api-ecs/zh-cn_topic_0094148850.html",
)

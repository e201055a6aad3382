"""All formats of exports, in the order in which they are asked whether a file is theirs."""

from typing import Final

from inventory.foreign.huawei_cloud import HUAWEI_CLOUD
from inventory.foreign.konveyor import APPLICATIONS
from inventory.foreign.model import Format
from inventory.foreign.netbox import NETBOX
from inventory.foreign.nmap import NMAP
from inventory.foreign.openstack import OPENSTACK
from inventory.foreign.questionnaires import QUESTIONNAIRES

FORMATS: Final[tuple[Format, ...]] = (
    # What names itself comes first.
    NMAP,
    APPLICATIONS,
    # Huawei Cloud's answers are OpenStack's with members of its own.
    HUAWEI_CLOUD,
    OPENSTACK,
    QUESTIONNAIRES,
    # Tables are told by common words such as name and status, so they come last.
    NETBOX,
)

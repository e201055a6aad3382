"""Registers with their history, and the batches that say where values come from."""

from typing import Any, Final

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_TYPES: Final[dict[str, Any]] = {
    "text": sa.Text, "integer": sa.BigInteger, "decimal": sa.Float, "flag": sa.Boolean, "day": sa.String(10),
    "choice": sa.String(40), "reference": sa.String(32), "list": sa.JSON, "network": sa.String(50),
    "mac": sa.String(17), "domain": sa.String(255),
}  # fmt: skip

_TABLES: Final = {
    "districts": (
        "code:text name:text name_en:text kind:choice parent:reference note:text"
    ),
    "units": (
        "code:text name:text short_name:text credit_code:text level:choice district:reference parent:reference "
        "operator_type:choice leader:text leader_phone:text contact:text contact_phone:text contact_email:text "
        "address:text on_extranet:flag note:text"
    ),
    "address_spaces": (
        "name:text vlans:list tunnel_ids:list sources:list note:text"
    ),
    "data_centres": (
        "code:text name:text unit:reference district:reference racks:integer computing_power:decimal grade:text "
        "pue:decimal note:text"
    ),
    "private_networks": (
        "code:text name:text unit:reference classified:flag built_on:day migration:choice merged_on:day "
        "exemption:text space:reference note:text"
    ),
    "cloud_platforms": (
        "code:text name:text kind:choice unit:reference district:reference data_centre:reference cores:integer "
        "memory:decimal storage:decimal managed_since:day note:text"
    ),
    "tenants": (
        "code:text name:text platform:reference unit:reference space:reference cores_quota:integer "
        "memory_quota:decimal storage_quota:decimal note:text"
    ),
    "systems": (
        "code:text name:text unit:reference operator:text owner:text owner_phone:text state:choice "
        "classified:flag running_since:day mlps_grade:integer filing_number:text filed_on:day "
        "mlps_assessed_on:day mlps_score:decimal crypto_required:flag crypto_assessed_on:day crypto_result:choice "
        "crypto_filed_on:day data_classes:list hosting:choice tenant:reference migration:choice migrated_on:day "
        "network:reference depends_on:list users:integer public:flag note:text"
    ),
    "sites": (
        "url:text name:text kind:choice level:choice unit:reference system:reference aliases:list state:choice "
        "icp_number:text ipv6_supported:flag ipv6_checked_on:day watched:flag note:text"
    ),
    "assets": (
        "code:text name:text kind:choice unit:reference system:reference addresses:list space:reference mac:mac "
        "hostname:domain vendor:text model:text serial:text os:text data_centre:reference location:text "
        "state:choice in_service_since:day networked:flag ipv6_capable:flag owner:text note:text"
    ),
    "software": (
        "code:text vendor:text name:text version:text cpe:text domestic:flag end_of_support:day "
        "end_of_support_evidence:text note:text"
    ),
    "installations": (
        "asset:reference software:reference installed_on:day licence:text note:text"
    ),
    "cloud_resources": (
        "code:text name:text kind:choice tenant:reference system:reference asset:reference addresses:list "
        "cores:integer memory:decimal storage:decimal flavour:text image:text zone:text state:choice "
        "created_on:day note:text"
    ),
    "iot_platforms": (
        "code:text name:text unit:reference system:reference protocols:list note:text"
    ),
    "iot_devices": (
        "code:text name:text kind:choice platform:reference unit:reference district:reference addresses:list "
        "space:reference mac:mac vendor:text model:text firmware:text longitude:decimal latitude:decimal "
        "state:choice default_password_changed:flag note:text"
    ),
    "access_points": (
        "code:text name:text kind:choice unit:reference district:reference address:text longitude:decimal "
        "latitude:decimal note:text"
    ),
    "lines": (
        "code:text circuit:text kind:choice from_point:reference to_point:reference bandwidth:integer "
        "carrier:text unit:reference private_network:reference state:choice cancelled_on:day monthly_cost:decimal "
        "note:text"
    ),
    "vlans": (
        "code:text vid:integer name:text space:reference unit:reference location:text note:text"
    ),
    "prefixes": (
        "network:network space:reference domain:choice unit:reference district:reference "
        "private_network:reference vlan:reference state:choice purpose:text note:text"
    ),
    "data_catalogue": (
        "code:text name:text unit:reference system:reference grade:choice data_class:text sharing:choice "
        "shared:flag opening:choice opened:flag personal:flag records:integer updated:text note:text"
    ),
    "data_reviews": (
        "code:text unit:reference items:list reviewed_on:day result:choice reviewer:text due_on:day mended_on:day "
        "note:text"
    ),
    "cii": (
        "code:text name:text sector:text protection_department:text unit:reference systems:list identified_on:day "
        "identified_by:text assessed_on:day assessed_by:text security_head:text drilled_on:day note:text"
    ),
    "indicator_values": (
        "indicator:integer day:day scope:text value:decimal numerator:decimal denominator:decimal unit:reference "
        "evidence:text evidence_digest:text note:text"
    ),
    "exclusions": (
        "code:text indicator:integer register:text record:text reason:text approved_by:text approved_on:day "
        "expires_on:day note:text"
    ),
}
"""The fields of each register with their types, as they were when this step was written."""

_INDEXED: Final = {
    "districts": "code name parent",
    "units": "code credit_code district name parent short_name",
    "address_spaces": "name",
    "data_centres": "code district name unit",
    "private_networks": "code name space unit",
    "cloud_platforms": "code data_centre district name unit",
    "tenants": "code name platform space unit",
    "systems": "code filing_number name network tenant unit",
    "sites": "name system unit url",
    "assets": "code data_centre hostname name space system unit",
    "software": "code name",
    "installations": "asset software",
    "cloud_resources": "asset code name system tenant",
    "iot_platforms": "code name system unit",
    "iot_devices": "code district name platform space unit",
    "access_points": "code district name unit",
    "lines": "circuit code from_point private_network to_point unit",
    "vlans": "code space unit",
    "prefixes": "district network private_network space unit vlan",
    "data_catalogue": "code name system unit",
    "data_reviews": "code unit",
    "cii": "code name unit",
    "indicator_values": "scope unit",
    "exclusions": "code",
}


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "inventory_batch",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
    )
    for name, said in _TABLES.items():
        fields = (one.split(":") for one in said.split())
        op.create_table(
            f"inventory_{name}",
            sa.Column("id", sa.String(32), primary_key=True),
            sa.Column("recorded_from", sa.BigInteger, primary_key=True, autoincrement=False),
            sa.Column("valid_from", sa.BigInteger, primary_key=True, autoincrement=False),
            sa.Column("valid_to", sa.BigInteger, nullable=False),
            sa.Column("recorded_to", sa.BigInteger, nullable=False),
            sa.Column("said", sa.JSON, nullable=False),
            sa.Column("locked", sa.JSON, nullable=False),
            *(sa.Column(f"f_{key}", _TYPES[kind]) for key, kind in fields),
        )
        for key in _INDEXED[name].split():
            op.create_index(f"ix_inventory_{name}_f_{key}", f"inventory_{name}", [f"f_{key}"])


def downgrade() -> None:
    """Drop the tables."""
    for name in (*_TABLES, "batch"):
        op.drop_table(f"inventory_{name}")

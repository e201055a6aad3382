"""The templates of our data streams, made from the table of fields: ECS types, and a mapping that never grows.

Elasticsearch, "Index templates", "Data streams", "Data stream lifecycle settings". A field is mapped if it is declared;
`dynamic: false` keeps everything else out of the mapping.
"""

from typing import Any, Final

from correlation.query.values import LONGEST_VALUE
from correlation.query.words import FOLDING, LONGEST_WORD, OTHER
from correlation.store.elasticsearch.layout import RECORD, REST, flattened_roots, mapped
from sensors.event.fields import FieldType

ANALYZER: Final = "hanwatch_words"
PRIORITY: Final = 500
"""Above the templates that Elasticsearch and its agents bring for `logs-*-*` (100 and 200)."""
_UTF16: Final = 2
"""A keyword is cut by us to so many code points; `ignore_above` counts UTF-16 units and must never be reached."""

_TYPES: Final[dict[FieldType, dict[str, Any]]] = {
    "keyword": {"type": "keyword", "ignore_above": LONGEST_VALUE * _UTF16},
    "text": {"type": "text", "analyzer": ANALYZER},
    "long": {"type": "long"},
    "double": {"type": "double"},
    "boolean": {"type": "boolean"},
    "ip": {"type": "ip"},
    "date": {"type": "date_nanos", "format": "strict_date_optional_time_nanos"},
}


def stream(dataset: str, namespace: str) -> str:
    """The data stream of a dataset; names follow `logs-<dataset>-<namespace>` and Elasticsearch's rules for them.

    What a name may not hold becomes `_`; the event itself keeps its dataset as it is.
    """
    allowed = "".join(c if c.isascii() and (c.isalnum() or c in "._") else "_" for c in dataset.lower())
    return f"logs-{allowed.strip('._')[:100] or '_'}-{namespace}"


def fields_name(namespace: str) -> str:
    """The name of the component template of the mapping.

    Each namespace has its own: another version of this program may write another into the same cluster, and a stream
    that begins would take its fields.
    """
    return f"hanwatch-fields-{namespace}"


def settings_name(namespace: str) -> str:
    """The name of the component template of settings."""
    return f"hanwatch-settings-{namespace}"


def pattern(namespace: str) -> str:
    """The pattern of all our data streams."""
    return f"logs-*-{namespace}"


_ANALYSIS: Final[dict[str, Any]] = {
    "char_filter": {"hanwatch_fold": {"type": "mapping", "mappings": list(FOLDING)}},
    "tokenizer": {
        "hanwatch_words": {"type": "pattern", "group": 0, "pattern": f"[0-9a-z_]+|[{OTHER}]"}
    },
    "filter": {"hanwatch_longest": {"type": "length", "min": 1, "max": LONGEST_WORD}},
    "analyzer": {
        ANALYZER: {
            "type": "custom", "char_filter": ["hanwatch_fold"], "tokenizer": "hanwatch_words",
            "filter": ["hanwatch_longest"],
        }
    },
}  # fmt: skip


def fields_template() -> dict[str, Any]:
    """The component template of the mapping, and of the analysis that its texts need."""
    properties: dict[str, Any] = {}
    for name, kind in mapped().items():
        _put(properties, name, dict(_TYPES[kind]))
    for name in flattened_roots():
        _put(properties, name, {"type": "flattened"})
    _put(properties, REST, {"type": "keyword", "index": False, "doc_values": False})
    _put(properties, RECORD, {"type": "keyword", "index": False, "doc_values": False})
    mappings = {"dynamic": False, "date_detection": False, "numeric_detection": False, "properties": properties}
    return {"template": {"settings": {"analysis": _ANALYSIS}, "mappings": mappings}}


def _put(properties: dict[str, Any], name: str, mapping: dict[str, Any]) -> None:
    *parents, last = name.split(".")
    for parent in parents:
        inner = properties.setdefault(parent, {"properties": {}})
        if "properties" not in inner:
            raise ValueError(f"{name} is declared below a field that has values of its own")
        properties = inner["properties"]
    if last in properties:
        raise ValueError(f"{name} has values of its own and declared fields below it")
    properties[last] = mapping


def settings_template(replicas: int, keep_days: int | None) -> dict[str, Any]:
    """The component template of settings, and of the lifecycle where the cluster has one (`keep_days`)."""
    template: dict[str, Any] = {
        "settings": {
            "index": {
                "number_of_shards": 1, "number_of_replicas": replicas, "refresh_interval": "1s",
                "codec": "best_compression", "mapping": {"total_fields": {"limit": 5_000}},
                "sort": {"field": ["@timestamp"], "order": ["desc"]},
            },
        }
    }  # fmt: skip
    if keep_days is not None:
        template["lifecycle"] = {"data_retention": f"{keep_days}d"}
    return {"template": template}


def index_template(namespace: str) -> dict[str, Any]:
    """The composable template of the data streams."""
    return {
        "index_patterns": [pattern(namespace)],
        "data_stream": {},
        "composed_of": [fields_name(namespace), settings_name(namespace)],
        "priority": PRIORITY,
    }

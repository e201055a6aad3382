"""A document as a declaration: every key is checked, what it names must exist, and all that is wrong is noted."""

import re
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from sensors.event.fields import declared
from sensors.parsers.declared.clock import form_fault
from sensors.parsers.declared.coded import CODED
from sensors.parsers.declared.document import Document, Node
from sensors.parsers.declared.errors import FieldUndeclared, SampleMissing, TemplateFaulty
from sensors.parsers.declared.mapping import DATASET
from sensors.parsers.declared.model import (
    Case,
    Code,
    Columns,
    Declaration,
    Inside,
    JsonObject,
    Match,
    Message,
    Messages,
    Reading,
    Sample,
    Target,
    Time,
)
from sensors.parsers.declared.pairs import Dialect
from sensors.parsers.declared.template import compiled
from sensors.parsers.renaming import MANNERS

KEYS = (
    "format", "title", "evidence", "verified", "dataset", "namespace", "inside", "begins", "match", "messages",
    "strict", "pairs", "columns", "json", "code", "absent", "fields", "drop", "time", "zone", "constants", "cases",
    "samples",
)  # fmt: skip
"""What a file may say, in the order of the documentation."""

_TEXTS = ("program", "after", "contains", "starts")
READINGS = ("messages", "pairs", "columns", "json", "code")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}(?:\.[a-z0-9][a-z0-9_-]{0,39}){0,3}")


def declaration_of(document: Document) -> Declaration | None:
    """The declaration, None where something is wrong with it: `document.problems` says what."""
    table = document.root.table(KEYS, required=("format", "title", "evidence", "match", "constants"))
    name = _name(table.get("format"))
    namespace = _name(table.get("namespace")) or name
    titles = table["title"].table(("en", "zh"), required=("en", "zh")) if "title" in table else {}
    reading = _reading(document.root, table)
    constants = _constants(table.get("constants"), namespace)
    found = Declaration(
        name=name,
        dataset=_name(table.get("dataset")) or name,
        namespace=namespace,
        en=titles["en"].text() if "en" in titles else "",
        zh=titles["zh"].text() if "zh" in titles else "",
        evidence=table["evidence"].texts() if "evidence" in table else (),
        verified=table["verified"].flag() if "verified" in table else True,
        inside=_inside(table.get("inside")),
        begins=_begins(table.get("begins")),
        match=_match(table.get("match")),
        reading=reading,
        absent=frozenset(table["absent"].texts() if "absent" in table else ("",)),
        fields=_fields(table.get("fields"), namespace),
        drop=frozenset(table["drop"].texts() if "drop" in table else ()),
        time=tuple(_times(table.get("time"))),
        zone=_zone(table.get("zone")),
        constants=constants,
        cases=tuple(_case(node, namespace) for node in table["cases"].items()) if "cases" in table else (),
        samples=tuple(_sample(node) for node in table["samples"].items()) if "samples" in table else (),
        place=document.root.place,
    )
    if not found.samples:
        document.root.note(SampleMissing(place=found.place))
    match = found.match
    if "match" in table and not (match.program or match.after or match.contains or match.keys):
        table["match"].fault("program, after, contains or keys")
    return None if document.problems else found


def _name(node: Node | None) -> str:
    if node is None:
        return ""
    text = node.text()
    if text and not _NAME.fullmatch(text):
        node.fault("a name in lower case, with points: vendor.product")
    return text


def _begins(node: Node | None) -> re.Pattern[bytes] | None:
    if node is None:
        return None
    try:
        return re.compile(node.text().encode())
    except re.error as error:
        node.fault(f"a regular expression ({error})")
        return None


def _inside(node: Node | None) -> Inside:
    match "syslog" if node is None else node.value:
        case "line":
            return "line"
        case "both":
            return "both"
        case "syslog":
            return "syslog"
    assert node is not None
    node.fault("syslog, line or both")
    return "syslog"


def _match(node: Node | None) -> Match:
    if node is None:
        return Match()
    table = node.table((*_TEXTS, "keys"))
    texts = {name: table[name].texts() for name in _TEXTS if name in table}
    for name, said in texts.items():
        if "" in said:
            table[name].fault("texts that are not empty")
    keys = {name: inner.value for name, inner in table["keys"].table().items()} if "keys" in table else {}
    return Match(**texts, keys=keys)


def _reading(root: Node, table: Mapping[str, Node]) -> Reading:
    said = [name for name in READINGS if name in table]
    if len(said) != 1:
        root.fault(f"exactly one of {', '.join(READINGS)}")
        return JsonObject()
    node = table[said[0]]
    match said[0]:
        case "messages":
            strict = "strict" in table and table["strict"].flag()
            return Messages(tuple(_message(inner) for inner in node.items()), strict)
        case "pairs":
            return _dialect(node)
        case "columns":
            return _columns(node)
        case "code":
            if node.text() not in CODED:
                node.fault(", ".join(CODED))
            return Code(node.text())
        case _:
            return JsonObject()


def _message(node: Node) -> Message:
    if isinstance(node.value, str):
        template, constants = node, None
    else:
        inner = node.table(("text", "set"), required=("text",))
        if "text" not in inner:
            return Message("", {}, node.place)
        template, constants = inner["text"], inner.get("set")
    text = template.text()
    try:
        compiled(text)
    except TemplateFaulty as fault:
        template.note(TemplateFaulty(place=template.place, **fault.parameters))
    return Message(text, _constants(constants, None), node.place)


def _dialect(node: Node) -> Dialect:
    texts, flags = ("separator", "assign", "quotes", "head", "end", "tag", "brackets"), ("escapes", "loose")
    table = node.table((*texts, *flags)) if node.value else {}
    said: dict[str, Any] = {key: table[key].text() for key in texts if key in table}
    said |= {key: table[key].flag() for key in flags if key in table}
    try:
        return Dialect(**said)
    except ValueError:
        node.fault("separator and assign of one or more characters, quotes of one or none, brackets of two or none")
        return Dialect()


def _columns(node: Node) -> Columns:
    table = node.table(("separator", "names", "header", "kind", "kinds", "quotes"))
    separator = table["separator"].text() if "separator" in table else ","
    quotes = table["quotes"].text() if "quotes" in table else '"'
    if len(separator) != 1 or len(quotes) > 1:
        node.fault("a separator of one character, quotes of one or none")
    if not {"names", "header", "kinds"} & table.keys():
        node.fault("names, kinds or header")
    return Columns(
        separator=separator,
        names=table["names"].texts() if "names" in table else (),
        header=table["header"].text() if "header" in table else "",
        kind=table["kind"].number() if "kind" in table else None,
        kinds={name: inner.texts() for name, inner in table["kinds"].table().items()} if "kinds" in table else {},
        quotes=quotes,
    )


def _fields(node: Node | None, namespace: str) -> dict[str, Target]:
    if node is None:
        return {}
    found = {}
    for name, inner in node.table().items():
        if isinstance(inner.value, str):
            to, how, values = inner, None, {}
        else:
            table = inner.table(("to", "how", "values"), required=("to",))
            if "to" not in table:
                continue
            to, how = table["to"], table.get("how")
            values = {key: said.value for key, said in table["values"].table().items()} if "values" in table else {}
        if how is not None and how.text() not in MANNERS:
            how.fault(", ".join(MANNERS))
            how = None
        _known(to, to.text(), namespace)
        found[name] = Target(to.text(), None if how is None else how.text(), values, inner.place)
    return found


def _known(node: Node, name: str, namespace: str | None) -> None:
    """Note a field that nobody declared; below the format's own name everything may stand."""
    if declared(name) is None and not (namespace and name.startswith(f"{namespace}.")):
        node.note(FieldUndeclared(place=node.place, field=name))


def _times(node: Node | None) -> list[Time]:
    found = []
    for inner in node.items() if node is not None else ():
        table = inner.table(("from", "form"), required=("from", "form"))
        if len(table) < 2:
            continue
        fault = form_fault(table["form"].text())
        if fault is not None:
            table["form"].fault(fault)
        found.append(Time(table["from"].texts(), table["form"].text(), inner.place))
    return found


def _zone(node: Node | None) -> str | None:
    if node is None:
        return None
    try:
        ZoneInfo(node.text())
    except (KeyError, ValueError, OSError):
        node.fault("a zone of the IANA database, such as Asia/Shanghai")
    return node.text()


def _constants(node: Node | None, namespace: str | None) -> dict[str, Any]:
    if node is None:
        return {}
    found = {}
    for name, inner in node.table().items():
        if name != DATASET:
            _known(inner, name, namespace)
        elif not _NAME.fullmatch(inner.text()):
            inner.fault("a dataset's name")
        if isinstance(inner.value, dict | float) or inner.value is None:
            inner.fault("a text, a whole number, true or false, or a list of texts")
        found[name] = inner.value
    return found


def _case(node: Node, namespace: str) -> Case:
    table = node.table(("when", "set"), required=("when", "set"))
    when = table["when"].table() if "when" in table else {}
    if "when" in table and not when:
        table["when"].fault("at least one part with its values")
    return Case(
        {name: frozenset(_value(value) for value in inner.items()) for name, inner in when.items()},
        _constants(table.get("set"), namespace),
    )


def _value(node: Node) -> str:
    if isinstance(node.value, bool):
        return "true" if node.value else "false"
    return node.text()


def _sample(node: Node) -> Sample:
    table = node.table(("line", "lines", "event", "events"))
    lines = table.get("line") or table.get("lines")
    events = table.get("event") or table.get("events")
    if lines is None:
        node.fault("line or lines, and event or events")
    found = [inner.table() for inner in events.items()] if events is not None else []
    return Sample(
        () if lines is None else lines.texts(),
        tuple({name: inner.value for name, inner in event.items()} for event in found),
        node.place,
    )

"""suricata-verify's checks on QUIC, SMTP, FTP and MQTT read as questions about our events.

What EVE tells otherwise than we do is brought into one form first: mails are numbered from 1 (`mails`); of an extension
list of QUIC only the server name and ALPN are asked for, wherever they stand. Left out are the numbers of packets and
transactions, the state of Suricata's own parser (`email.status`), passwords, which we never keep, checks that hold for
older versions of Suricata only, and those that tell their event by the number of a packet alone. Flags that MQTT
reserves have one value in all packets that we read.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from tests.conformance.capture import suricata
from tests.conformance.capture.suricata import UNASKED, Case, Event, Says

KINDS: Final = {"quic": "network.quic", "smtp": "network.smtp", "ftp": "network.ftp", "mqtt": "network.mqtt"}
_OWN_FORM: Final = {"email.status", "mqtt.connect.password"}
_RESERVED: Final = {"PUBREL": 1, "SUBSCRIBE": 1, "UNSUBSCRIBE": 1}
"""The quality of service that stands in packets other than PUBLISH (MQTT 3.1.1, table 2.2); in others it is 0."""


def cases() -> Iterator[Case]:
    """Every check on these kinds whose keys all have a field of ours."""
    return (case for case in suricata.cases(KINDS, ask=_asked) if "-7.0.x-" not in case.name)


def _asked(check: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if "lt-version" in (check.get("requires") or {}):
        return None
    values = {
        key: value
        for key, value in check["match"].items()
        if (key == "tx_id" and check["match"]["event_type"] == "smtp")
        or (key not in UNASKED | _OWN_FORM and not _is_other_extension(key, value))
    }
    if values.keys() <= {"tx_id"} and "pcap_cnt" in check["match"]:
        return None
    absent = values.get("not-has-key", [])
    absent = [absent] if isinstance(absent, str) else absent
    known = all(_said(key) for key in [*(key for key in values if key != "not-has-key"), *absent])
    return values if known else None


def _is_other_extension(key: str, value: Any) -> bool:
    """Whether this is the name of an extension of TLS of which events keep the fingerprint only."""
    return key.startswith("quic.extensions[") and key.endswith(".name") and value not in {"server_name", "alpn"}


def found(case: Case, ours: Iterable[Event]) -> int:
    """How many of our events the check would count."""
    mine = sorted(
        (event for event in ours if event["event.dataset"] == case.kind), key=lambda event: event["event.sequence"],
    )
    return sum(_fits(case.values, event) for event in (mails(mine) if case.kind == KINDS["smtp"] else mine))


def _fits(values: Mapping[str, Any], event: Event) -> bool:
    for key, value in values.items():
        if key == "not-has-key":
            absent = [value] if isinstance(value, str) else value
            if any(one not in {None, ""} for name in absent for one in _says(name)(event)):
                return False
        elif not any(_plain(one) == _plain(value) for one in _says(key)(event)):
            return False
    return True


def mails(events: Iterable[Event]) -> Iterator[Event]:
    """Our events of mails with EVE's numbers of them, which begin with 0."""
    return ({**event, "number": event["smtp.trans_depth"] - 1} for event in events if "smtp.trans_depth" in event)


def _says(key: str) -> Says:
    says = _said(key)
    assert says is not None, key
    return says


def _said(key: str) -> Says | None:
    """What our events say where EVE has this key; None where they say nothing."""
    if key in _FIELDS:
        return _FIELDS[key]
    if key.endswith("]") and key.rpartition("[")[0] in _LISTS:
        name, _, number = key.rpartition("[")
        return _item(_LISTS[name], int(number[:-1]))
    if key.startswith("quic.extensions[") and key.endswith((".name", ".values[0]")):
        return _extension if key.endswith(".name") else _extension_value
    kind, _, rest = key.removeprefix("mqtt.").partition(".")
    if key.startswith("mqtt.") and kind != "publish" and rest in {"qos", "retain", "dup"}:
        value = _RESERVED.get(kind.upper(), 0) if rest == "qos" else False
        return _of_kind(kind.upper(), lambda _: (value,))
    if key.startswith("mqtt.") and rest in _MQTT:
        return _of_kind(kind.upper(), _MQTT[rest])
    return None


def _plain(value: Any) -> str:
    return str(value).lower()


def _field(name: str) -> Says:
    return lambda event: (event[name],) if event.get(name) is not None else ()


def _item(name: str, number: int) -> Says:
    def says(event: Event) -> Iterable[Any]:
        values = event.get(name) or ()
        values = [values] if isinstance(values, str) else values
        for value in values[number : number + 1]:
            yield from _addresses(value)

    return says


def _addresses(value: str) -> Iterable[str]:
    """An address with and without its brackets."""
    return value, f"<{value}>"


def _address(name: str) -> Says:
    return lambda event: _addresses(event[name]) if event.get(name) is not None else ()


def _extension(event: Event) -> Iterable[str]:
    return [
        name
        for name, ours in (("server_name", "tls.client.server_name"), ("alpn", "hanwatch.tls.client.alpn"))
        if ours in event
    ]


def _extension_value(event: Event) -> Iterable[str]:
    return event.get("tls.client.server_name", ""), *event.get("hanwatch.tls.client.alpn", ())


def _of_kind(kind: str, says: Says) -> Says:
    """What an event says about the packet of a kind: the first of the two that it tells of, or the answer."""
    return lambda event: says(event) if kind in {event.get("mqtt.type"), event.get("mqtt.response")} else ()


def _topics(event: Event) -> Iterable[Any]:
    names = event.get("mqtt.topics") or ()
    qos = event.get("mqtt.qos_levels")
    if qos is None:
        return (names,)
    return ([{"topic": name, "qos": level} for name, level in zip(names, qos, strict=True)],)


def _flag(name: str) -> Says:
    return lambda event: (bool(event.get(name)),)


_FIELDS: Final[Mapping[str, Says]] = {
    **{key: suricata.FIELDS[key] for key in ("src_ip", "dest_ip", "src_port", "dest_port", "proto")},
    "quic.version": _field("quic.version"), "quic.sni": _field("tls.client.server_name"),
    "quic.ja4": _field("tls.client.ja4"), "quic.ja3.hash": _field("tls.client.ja3"),
    "tx_id": _field("number"), "smtp.helo": _field("smtp.helo"), "smtp.mail_from": _address("smtp.mailfrom"),
    "email.from": _address("smtp.from"), "email.to": _field("smtp.to"),
    "email.message_id": _address("email.message_id"), "email.subject": _field("email.subject"),
    "ftp.command": _field("ftp.command"), "ftp.command_data": _field("ftp.arg"),
    "ftp.reply[0]": _field("ftp.reply_msg"), "ftp.dynamic_port": _field("ftp.data_channel.resp_p"),
    "ftp.mode": lambda event: (
        ("passive" if event["ftp.data_channel.passive"] else "active",) if "ftp.data_channel.passive" in event else ()
    ),
    "ftp.reply_received": lambda event: ("yes" if "ftp.reply_code" in event else "no",),
}
_LISTS: Final = {"smtp.rcpt_to": "smtp.rcptto", "email.to": "smtp.to", "email.cc": "smtp.cc"}
"""Keys with a number: the n-th of a list."""
_MQTT: Final[Mapping[str, Says]] = {
    "protocol_string": _field("mqtt.proto_name"), "protocol_version": _field("mqtt.proto_version"),
    "client_id": _field("mqtt.client_id"), "username": _field("user.name"),
    "flags.username": lambda event: ("user.name" in event,), "flags.password": _flag("mqtt.password"),
    "flags.will": lambda event: ("mqtt.will_topic" in event,), "flags.will_retain": _flag("mqtt.will_retain"),
    "flags.clean_session": _flag("mqtt.clean_session"), "will.topic": _field("mqtt.will_topic"),
    "session_present": _flag("mqtt.session_present"), "return_code": _field("mqtt.reason_code"),
    "reason_code": _field("mqtt.reason_code"), "qos": _field("mqtt.qos"), "retain": _field("mqtt.retain"),
    "dup": _field("mqtt.dup"), "topic": _field("mqtt.topic"), "message_id": _field("mqtt.msg_id"), "topics": _topics,
    "qos_granted": lambda event: (event.get("mqtt.reason_codes"),),
    "reason_codes": lambda event: (event.get("mqtt.reason_codes"),),
}

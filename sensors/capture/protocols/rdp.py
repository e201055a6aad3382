"""RDP: which security both sides agree upon, and what the client says of itself where it still does so in clear.

MS-RDPBCGR sections 2.2.1.1 and 2.2.1.2 (connection request and confirm), 2.2.1.3 and 2.2.1.4 (client's and server's
settings); ITU-T T.123 (TPKT), X.224 section 13, T.125 (MCS), T.124 (GCC). With TLS or CredSSP all that follows the
confirm is encrypted. Names are those of Zeek's rdp.log.
"""

from collections.abc import Iterator
from typing import Final

from sensors.capture.protocols.ber import elements, inside
from sensors.capture.protocols.cursor import Cursor, text, wide
from sensors.capture.protocols.model import (
    Context,
    Fields,
    Message,
    NotThis,
    Protocol,
    Side,
    Sign,
)
from sensors.capture.protocols.tpkt import CC, CONFIRMS, CONNECTS, CR, FRAMING

PORT: Final = 3389

_DATA: Final = 0xF0
_CONNECTION, _SETTINGS = range(2)
"""What a request and its answer have in common."""
_ASKED_SECURITY, _CHOSEN_SECURITY, _REFUSED = 1, 2, 3
_COOKIE: Final = b"Cookie: "
_USER: Final = b"mstshash="
_SECURITY: Final = ((1, "SSL"), (2, "HYBRID"), (4, "RDSTLS"), (8, "HYBRID_EX"), (16, "RDSAAD"))
_FAILURES: Final = {
    1: "SSL_REQUIRED_BY_SERVER", 2: "SSL_NOT_ALLOWED_BY_SERVER", 3: "SSL_CERT_NOT_ON_SERVER",
    4: "INCONSISTENT_FLAGS", 5: "HYBRID_REQUIRED_BY_SERVER", 6: "SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER",
}
_CONNECT_INITIAL, _CONNECT_RESPONSE = 0x7F65, 0x7F66
_OCTETS, _ENUMERATED = 0x04, 0x0A
_CLIENT_KEY, _SERVER_KEY = b"Duca", b"McDn"
"""The keys of H.221 that mark a client's and a server's settings."""
_CLIENT_CORE, _CLIENT_CHANNELS, _SERVER_SECURITY = 0xC001, 0xC003, 0x0C02
_MOST_BLOCKS: Final = 16
_MOST_CHANNELS: Final = 31
"""Section 2.2.1.3.4."""
_DEPTHS: Final = ((1, 24), (2, 16), (4, 15), (8, 32))
_METHODS: Final = {0: "None", 1: "40bit", 2: "128bit", 8: "56bit", 16: "FIPS"}
_LEVELS: Final = {0: "None", 1: "Low", 2: "Client compatible", 3: "High", 4: "FIPS"}

_DOMAIN: Final = frozenset((0x04, 0x21, 0x28, 0x2E, 0x38, 0x3E, 0x64, 0x68))
"""How messages of T.125 begin that follow the settings: to erect a domain, attach a user, join a channel, send data,
and to end; S7comm and MMS, which TPKT carries too, begin otherwise."""


def parse(octets: bytes, context: Context) -> Message:
    """Read a connection request or confirm, or settings behind them.

    Raises:
        NotThis: it is neither, or another protocol over TPKT.
    """
    if len(octets) < 7 or octets[:2] != b"\x03\0":
        raise NotThis("no TPKT")
    kind = octets[5]
    if kind in (CR, CC):
        if octets[4] < 6 or len(octets) != octets[4] + 5 or octets[10]:
            raise NotThis("no connection of class 0")
        known = PORT in (context.sender_port, context.receiver_port)
        return (_requested if kind == CR else _confirmed)(octets, known=known)
    if kind != _DATA or octets[4] != 2:
        raise NotThis("another kind of X.224")
    if octets[7:9] == b"\x7f\x65":
        return Message(_client(octets), Side.ASKS, _SETTINGS)
    if octets[7:9] == b"\x7f\x66":
        return Message(_server(octets), Side.ANSWERS, _SETTINGS)
    if len(octets) < 8 or octets[7] not in _DOMAIN:
        raise NotThis("another protocol over X.224")
    return Message({}, Side.SILENT)


def _security(bits: int) -> list[str]:
    return [name for bit, name in _SECURITY if bits & bit] or ["RDP"]


def _requested(octets: bytes, *, known: bool) -> Message:
    """A connection request: a cookie or a routing token, and which security the client can do."""
    fields: Fields = {}
    at = 11
    if octets.startswith(_COOKIE, at):
        end = octets.find(b"\r\n", at)
        if end < 0:
            raise NotThis("a cookie without end")
        said = octets[at + len(_COOKIE) : end]
        at = end + 2
        if said.startswith(_USER):
            fields["rdp.cookie"] = text(said.removeprefix(_USER), 255)
        else:
            fields["rdp.routing_token"] = text(said, 255)
    if at < len(octets):
        if octets[at] != _ASKED_SECURITY or octets[at + 2 : at + 4] != b"\x08\0" or at + 8 > len(octets):
            raise NotThis("something else behind the request")
        fields["rdp.requested_protocols"] = _security(int.from_bytes(octets[at + 4 : at + 8], "little"))
    elif not fields and not known:
        raise NotThis("an empty request")
    else:
        fields["rdp.requested_protocols"] = ["RDP"]
    return Message(fields, Side.ASKS, _CONNECTION)


def _confirmed(octets: bytes, *, known: bool) -> Message:
    """A connection confirm: the security that the server chooses, or why it refuses."""
    if len(octets) == 11:
        if not known:
            raise NotThis("an empty confirm")
        return Message({"rdp.security_protocol": "RDP"}, Side.ANSWERS, _CONNECTION)
    kind, number = octets[11], int.from_bytes(octets[15:19], "little")
    if len(octets) != 19 or kind not in (_CHOSEN_SECURITY, _REFUSED) or octets[13:15] != b"\x08\0":
        raise NotThis("something else behind the confirm")
    if kind == _REFUSED:
        result = _FAILURES.get(number, f"unknown-{number}")
        return Message({"rdp.result": result, "event.outcome": "failure"}, Side.ANSWERS, _CONNECTION)
    fields: Fields = {"rdp.security_protocol": _security(number)[0]}
    if number:
        fields["rdp.result"] = "encrypted"
    return Message(fields, Side.ANSWERS, _CONNECTION)


def _blocks(data: bytes, key: bytes) -> Iterator[tuple[int, Cursor]]:
    """The settings behind a key, by their type (T.124 section 8.7, aligned PER)."""
    at = data.find(key, 0, 64)
    if at < 0:
        raise NotThis("no settings")
    at += len(key)
    if data[at : at + 1] >= b"\x80":
        at += 1
    at += 1
    for _ in range(_MOST_BLOCKS):
        kind, length = int.from_bytes(data[at : at + 2], "little"), int.from_bytes(data[at + 2 : at + 4], "little")
        if length < 4 or at + 4 > len(data):
            return
        yield kind, Cursor(data, at + 4, at + length, little=True)
        at += length


def _client(octets: bytes) -> Fields:
    """The settings of a client in an MCS Connect Initial."""
    first, last = inside(octets, 7, len(octets), _CONNECT_INITIAL)
    data = [octets[begin:end] for tag, begin, end in elements(octets, first, last) if tag == _OCTETS]
    fields: Fields = {}
    for kind, block in _blocks(data[-1] if data else b"", _CLIENT_KEY):
        if kind == _CLIENT_CORE:
            fields |= _core(block)
        elif kind == _CLIENT_CHANNELS:
            names = []
            for _ in range(min(block.u32(), _MOST_CHANNELS)):
                names.append(text(block.take(8).partition(b"\0")[0]))
                block.skip(4)
            fields["rdp.client_channels"] = names
    if "rdp.client_build" not in fields:
        raise NotThis("no client")
    return fields


def _core(block: Cursor) -> Fields:
    """The client's core data (section 2.2.1.3.2); the last parts were added over time and may be missing."""
    block.skip(4)
    fields: Fields = {"rdp.desktop_width": block.u16(), "rdp.desktop_height": block.u16()}
    block.skip(4)
    fields["rdp.keyboard_layout"] = f"0x{block.u32():08x}"
    fields["rdp.client_build"] = block.u32()
    fields["rdp.client_name"] = wide(block.take(32)).partition("\0")[0]
    if block.left < 92:
        return fields
    block.skip(12 + 64 + 2)
    block.skip(2 + 4)
    depth, supported, early = block.u16(), block.u16(), block.u16()
    # RNS_UD_CS_WANT_32BPP_SESSION
    if early & 2:
        depth = 32
    if depth:
        fields["rdp.requested_color_depth"] = depth
    fields["rdp.supported_color_depths"] = [bits for bit, bits in _DEPTHS if supported & bit]
    if block.left >= 64:
        product = wide(block.take(64)).partition("\0")[0]
        if product:
            fields["rdp.client_dig_product_id"] = product
    return fields


def _server(octets: bytes) -> Fields:
    """A server's answer in an MCS Connect Response: the result, and how it encrypts by itself."""
    first, last = inside(octets, 7, len(octets), _CONNECT_RESPONSE)
    parts = list(elements(octets, first, last))
    if not parts or parts[0][0] != _ENUMERATED:
        raise NotThis("no result")
    result = int.from_bytes(octets[parts[0][1] : parts[0][2]][:4], "big")
    fields: Fields = {
        "rdp.result": "Success" if not result else f"unknown-{result}",
        "event.outcome": "success" if not result else "failure",
    }
    data = [octets[begin:end] for tag, begin, end in parts if tag == _OCTETS]
    for kind, block in _blocks(data[-1] if data else b"", _SERVER_KEY):
        if kind == _SERVER_SECURITY:
            method, level = block.u32(), block.u32()
            fields["rdp.encryption_method"] = _METHODS.get(method, f"unknown-{method}")
            fields["rdp.encryption_level"] = _LEVELS.get(level, f"unknown-{level}")
    return fields


PROTOCOL: Final = Protocol(
    "rdp",
    (
        # What stands behind X.224's head tells RDP from others over TPKT, so the parser looks at it.
        CONNECTS,
        CONFIRMS,
        Sign(FRAMING, "03 00 ?? ?? ?? ?? ??", ports=(PORT,)),
    ),
    parse,
    types=("protocol", "start"),
)

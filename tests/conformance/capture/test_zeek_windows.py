"""Kerberos, SMB, RDP and SSH against Zeek's logs: every line of theirs is one of our events with the same values.

Compared is every baseline that has kerberos.log, smb_files.log, smb_mapping.log, rdp.log or ssh.log and whose capture
is here, in Zeek's own traces or in suricata-verify; the list was drawn up before anything was compared. Of
smb_files.log the lines are compared that say that a file was opened or deleted: what is read, written and closed makes
no events here. ntlm.log has one line, of DCE/RPC over TCP, which is not read.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import pytest

from sensors.event.times import SECOND, from_iso
from tests.conformance.capture.suricata import events
from tests.conformance.capture.zeek_logs import rows
from tests.conformance.places import PACKETS

pytestmark = pytest.mark.conformance

ZEEK: Final = PACKETS / "zeek" / "testing" / "btest"
TRACES: Final = ZEEK / "Traces"
CHECKS: Final = PACKETS / "suricata-verify" / "tests"

KERBEROS: Final = (
    ("scripts.base.protocols.krb.kinit", TRACES / "krb" / "kinit.pcap"),
    ("scripts.base.protocols.krb.krb-service-name", TRACES / "krb" / "optional-service-name.pcap"),
    ("scripts.base.protocols.krb.error-preauth-padata", TRACES / "krb" / "error-preauth-padata.pcap"),
    ("scripts.base.protocols.krb.tgs", TRACES / "krb" / "auth.pcap"),
    ("scripts.base.protocols.tcp.krb-tcp-tso", TRACES / "krb" / "kerberos_tso.pcapng"),
    ("scripts.base.protocols.krb.smb_gssapi", TRACES / "krb" / "smb_gssapi.pcap"),
)
FILES: Final = (
    ("scripts.base.protocols.smb.smb1", CHECKS / "smb1-01" / "smb1.pcap"),
    ("scripts.base.protocols.smb.smb2-read-write", TRACES / "smb" / "smb2readwrite.pcap"),
    (
        "scripts.base.protocols.smb.smb2-create-delete-on-close",
        TRACES / "smb" / "smb2.delete-on-close-perms-delete-existing.pcap",
    ),
)
SHARES: Final = (("scripts.base.protocols.smb.smb3", CHECKS / "smb3-01" / "input.pcap"),)
DESKTOPS: Final = (
    ("scripts.base.protocols.rdp.rdp-no-cookie-msthash", TRACES / "rdp" / "rdp-no-cookie-mstshash.pcap"),
    ("scripts.base.protocols.rdp.rdp-proprietary-encryption", TRACES / "rdp" / "rdp-proprietary-encryption.pcap"),
    ("scripts.base.protocols.rdp.rdp-to-ssl", TRACES / "rdp" / "rdp-to-ssl.pcap"),
    ("scripts.base.protocols.rdp.rdp-unknown-keyboard", TRACES / "rdp" / "rdp-unknown-keyboard.pcap"),
    ("scripts.base.protocols.rdp.rdp-x509", TRACES / "rdp" / "rdp-x509.pcap"),
)
SHELLS: Final = (
    ("core.tunnels.gre", CHECKS / "bug-5633-gre-02" / "gre-sample.pcap"),
    ("scripts.base.protocols.ssh.curve25519_kex", TRACES / "ssh" / "ssh_kex_curve25519.pcap"),
    ("scripts.base.protocols.ssh.dh_group18_kex", TRACES / "ssh" / "ssh_kex_dh_group18.pcap"),
    ("scripts.base.protocols.ssh.half-duplex-client", TRACES / "ssh" / "ssh.client-side-half-duplex.pcap"),
    ("scripts.base.protocols.ssh.half-duplex-server", TRACES / "ssh" / "ssh.server-side-half-duplex.pcap"),
    ("scripts.base.protocols.ssh.mlkem_kex", TRACES / "ssh" / "ssh_kex_mlkem.pcap"),
    ("scripts.base.protocols.ssh.pre-banner", TRACES / "ssh" / "server-pre-banner-data.pcap"),
)
COMPARED: Final = (
    *(("kerberos", *one) for one in KERBEROS), *(("smb_files", *one) for one in FILES),
    *(("smb_mapping", *one) for one in SHARES), *(("rdp", *one) for one in DESKTOPS),
    *(("ssh", *one) for one in SHELLS),
)

CANONICAL: Final = "the client's name is the one that the answer gives it, Zeek keeps the one that was asked with"
DIFFERENT: Final = {
    "scripts.base.protocols.krb.kinit": (2, f"{CANONICAL}: an anonymous client has a realm of its own there"),
    "scripts.base.protocols.tcp.krb-tcp-tso": (2, CANONICAL),
    "scripts.base.protocols.krb.error-preauth-padata": (1, "a made-up error without version, type, realm and service"),
}
"""How many lines of a baseline do not agree, and why."""

Line = tuple[str, ...]
Values = Mapping[str, Any]
UNSET: Final = "-"


def lines(baseline: str, log: str) -> Iterator[dict[str, str]]:
    """The lines of a log by its fields."""
    for row in rows(ZEEK / "Baseline" / baseline / f"{log}.log"):
        yield {name: value.replace("\\\\", "\\") for name, value in row.items()}


def said(event: Values, name: str) -> str:
    """A value of ours as Zeek writes it."""
    value = event.get(name)
    if value is None or value == "":
        return UNSET
    if isinstance(value, bool):
        return "FT"[value]
    return ",".join(value) if isinstance(value, list) else str(value)


def microseconds(event: Values, name: str) -> str:
    """A time of ours in seconds since 1970."""
    if name not in event:
        return UNSET
    moment = from_iso(event[name])
    return f"{moment // SECOND}.{moment % SECOND // 1_000:06d}"


def near(time: str) -> str:
    """A time without its last digits, which Zeek rounds."""
    return time if time == UNSET else f"{float(time):.3f}"


def of_kerberos(event: Values) -> Line:
    """A line of kerberos.log."""
    if event["event.dataset"] == "network.smb":
        # The ticket that a session setup presents: its client is told by Zeek as the realm alone.
        head = ("AP", f"/{said(event, 'kerberos.realm')}", said(event, "kerberos.service"), "T", UNSET, UNSET)
        return (*head, said(event, "kerberos.cipher"), UNSET, UNSET)
    names = ("request_type", "client", "service", "success")
    # Zeek writes the server's own text in place of the error's name, where there is one.
    text = "error.message" if event.get("error.message") else "kerberos.error_msg"
    return (
        *(said(event, f"kerberos.{name}") for name in names), said(event, text),
        near(microseconds(event, "kerberos.till")),
        *(said(event, f"kerberos.{name}") for name in ("cipher", "forwardable", "renewable")),
    )


def zeek_kerberos(row: Mapping[str, str]) -> Line:
    """The same of Zeek's; "until 1970" is no time for us."""
    names = ("request_type", "client", "service", "success", "error_msg", "till", "cipher", "forwardable", "renewable")
    till = row["till"] if row["till"] != "0.000000" else UNSET
    return tuple(near(till) if name == "till" else row[name] for name in names)


TOLD: Final = frozenset({"SMB::FILE_OPEN", "SMB::FILE_DELETE"})


def of_files(event: Values) -> Line:
    """An opened file: what was done to it, its name, size and times."""
    times = (near(microseconds(event, f"file.{name}")) for name in ("mtime", "accessed", "created", "ctime"))
    return (event["smb.action"], said(event, "file.path"), said(event, "file.size"), *times)


def zeek_files(row: Mapping[str, str]) -> Line:
    """The same of Zeek's."""
    times = (near(row[f"times.{name}"]) for name in ("modified", "accessed", "created", "changed"))
    return (row["action"], row["name"], row["size"], *times)


def of_shares(event: Values) -> Line:
    """A share that was connected to."""
    return said(event, "smb.path"), said(event, "smb.share_type")


def zeek_shares(row: Mapping[str, str]) -> Line:
    """The same of Zeek's."""
    return row["path"], row["share_type"]


BUILDS: Final = {2_600: "RDP 5.1", 6_000: "RDP 6.0", 9_600: "RDP 8.1"}
LAYOUTS: Final = {0x409: "English - United States"}
OF_CONNECTION: Final = ("cookie", "result", "security_protocol")
OF_CLIENT: Final = (
    "client_channels", "keyboard_layout", "client_build", "client_name", "client_dig_product_id", "desktop_width",
    "desktop_height", "requested_color_depth", "encryption_level", "encryption_method",
)


def of_desktops(event: Values) -> Line:
    """A connection of RDP, whose two events were laid together."""
    shown = {name: said(event, f"rdp.{name}") for name in (*OF_CONNECTION, *OF_CLIENT)}
    if "rdp.client_build" in event:
        shown["client_build"] = BUILDS[event["rdp.client_build"]]
        shown["keyboard_layout"] = LAYOUTS.get(int(event["rdp.keyboard_layout"], 16), "other")
    if "rdp.requested_color_depth" in event:
        shown["requested_color_depth"] += "bit"
    return tuple(shown.values())


def zeek_desktops(row: Mapping[str, str]) -> Line:
    """The same of Zeek's, whose "(empty)" is nothing and whose unknown layouts have a name made up."""
    shown = {name: UNSET if row[name] == "(empty)" else row[name] for name in (*OF_CONNECTION, *OF_CLIENT)}
    if "Best Guess" in shown["keyboard_layout"]:
        shown["keyboard_layout"] = "other"
    return tuple(shown.values())


AGREED_UPON: Final = ("cipher_alg", "mac_alg", "compression_alg", "kex_alg", "host_key_alg")


def of_shells(event: Values) -> Line:
    """What both sides of a connection say, and what they agree upon."""
    sides = (
        f"SSH-{event[f'ssh.{side}.version']}-{event[f'ssh.{side}.software']}"
        if f"ssh.{side}.version" in event
        else UNSET
        for side in ("client", "server")
    )
    return (*sides, *(said(event, f"ssh.{name}") for name in AGREED_UPON))


def zeek_shells(row: Mapping[str, str]) -> Line:
    """The same of Zeek's, who tells a MAC beside a cipher that has none."""
    sealed = row["cipher_alg"].endswith(("poly1305@openssh.com", "gcm@openssh.com"))
    agreed = (UNSET if name == "mac_alg" and sealed else row[name] for name in AGREED_UPON)
    return (row["client"], row["server"], *agreed)


COMPARERS: Final[dict[str, tuple[Callable[[Mapping[str, str]], Line], Callable[[Values], Line]]]] = {
    "kerberos": (zeek_kerberos, of_kerberos), "smb_files": (zeek_files, of_files),
    "smb_mapping": (zeek_shares, of_shares), "rdp": (zeek_desktops, of_desktops),
    "ssh": (zeek_shells, of_shells),
}


def chosen(log: str, capture: Path) -> list[Values]:
    """Our events that a log is compared with."""
    told = events(capture)
    if log == "kerberos":
        return [event for event in told if event["event.dataset"] == "network.kerberos" or "kerberos.service" in event]
    if log == "smb_files":
        return [{**event, "smb.action": action} for event in told for action in event.get("smb.action", ())]
    if log == "smb_mapping":
        return [event for event in told if "smb.share_type" in event]
    if log == "ssh":
        return [event for event in told if event["event.dataset"] == "network.ssh"]
    mine = sorted((event for event in told if event["event.dataset"] == "network.rdp"), key=_place)
    laid: list[Values] = []
    for before, after in pairwise([{}, *mine]):
        if "rdp.client_build" in after and before.get("source.port") == after["source.port"]:
            laid[-1] = {**before, **after}
        else:
            laid.append(after)
    return laid


def _place(event: Values) -> tuple[int, int]:
    return event["source.port"], event["event.sequence"]


@pytest.mark.parametrize(("log", "baseline", "capture"), COMPARED, ids=lambda value: str(value).rpartition("/")[2])
def test_lines_of_zeek_are_events_of_ours(log: str, baseline: str, capture: Path) -> None:
    theirs, ours = COMPARERS[log]
    expected = Counter(
        theirs(row) for row in lines(baseline, log) if row.get("action", "SMB::FILE_OPEN") in TOLD
    )
    found = Counter(ours(event) for event in chosen(log, capture))
    assert expected
    missing = expected - found
    assert missing.total() == DIFFERENT.get(baseline, (0, ""))[0], (missing, found - expected)

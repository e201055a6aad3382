"""Inputs for the parsers' benchmark: files of every format, made from a seed, in the mixture of a busy network."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import orjson

from sensors.event.times import SECOND, iso
from sensors.parsers.evtx_writing import WindowsEvent, evtx_file

START = 1_778_627_048 * SECOND
_AGENTS = tuple(
    f"Mozilla/5.0 (X11; Linux x86_64; rv:{number}.0) Gecko/20100101 Firefox/{number}.0" for number in range(90, 130)
)


class Draws:
    """Numbers that look random and follow from a seed alone (SplitMix64, Steele et al. 2014)."""

    def __init__(self, seed: int) -> None:
        self._state = seed

    def below(self, limit: int) -> int:
        """The next number, at least 0 and less than `limit`."""
        self._state = (self._state + 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
        mixed = self._state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & 0xFFFFFFFFFFFFFFFF
        return (mixed ^ (mixed >> 31)) % limit

    def address(self) -> str:
        """An address of a network with some thousand hosts."""
        return f"10.{self.below(4)}.{self.below(30)}.{self.below(40)}"

    def host(self) -> str:
        """A name of one of some thousand hosts."""
        return f"h{self.below(4_000)}.example.cn"


def _eve(draws: Draws, index: int) -> bytes:
    kind = ("flow", "flow", "dns", "dns", "http", "tls", "fileinfo", "alert")[draws.below(8)]
    moment = iso(START + index * 1_000_000 + 1_000)[:-1] + "+0000"
    event: dict[str, object] = {
        "timestamp": moment, "flow_id": draws.below(1 << 50), "in_iface": "eth1", "event_type": kind,
        "src_ip": draws.address(), "src_port": 1_024 + draws.below(60_000), "dest_ip": draws.address(),
        "dest_port": 443, "proto": "TCP",
    }  # fmt: skip
    host = draws.host()
    parts: Mapping[str, dict[str, object]] = {
        "flow": {"pkts_toserver": draws.below(90), "pkts_toclient": draws.below(90),
                 "bytes_toserver": draws.below(9_999), "bytes_toclient": draws.below(99_999),
                 "start": moment, "end": moment,
                 "age": 1, "state": "closed", "reason": "timeout", "alerted": False},
        "dns": {"type": "query", "id": draws.below(65_536), "rrname": host, "rrtype": "A", "tx_id": 0, "opcode": 0},
        "http": {"hostname": host, "url": f"/a/{draws.below(5_000)}", "http_user_agent": _AGENTS[draws.below(40)],
                 "http_method": "GET", "protocol": "HTTP/1.1", "status": 200, "length": draws.below(9_999)},
        "tls": {"sni": host, "version": "TLS 1.3", "ja3": {"hash": f"{draws.below(300):032x}"}},
        "fileinfo": {"filename": f"/a/{draws.below(5_000)}", "state": "CLOSED", "stored": False,
                     "size": draws.below(9_999)},
        "alert": {"action": "allowed", "gid": 1, "signature_id": 1_000_000 + draws.below(400), "rev": 1,
                  "signature": f"rule {draws.below(400)}", "category": "Misc activity", "severity": 3},
    }  # fmt: skip
    event[kind] = parts[kind]
    return orjson.dumps(event)


def _conn(draws: Draws, index: int) -> dict[str, object]:
    return {
        "ts": (START // SECOND) + index / 1_000, "uid": f"C{draws.below(1 << 60):x}", "id.orig_h": draws.address(),
        "id.orig_p": 1_024 + draws.below(60_000), "id.resp_h": draws.address(), "id.resp_p": 443, "proto": "tcp",
        "service": "ssl", "duration": draws.below(9_000) / 1_000, "orig_bytes": draws.below(9_999),
        "resp_bytes": draws.below(99_999), "conn_state": "SF", "local_orig": True, "local_resp": False,
        "missed_bytes": 0, "history": "ShADadFf", "orig_pkts": draws.below(90), "orig_ip_bytes": draws.below(9_999),
        "resp_pkts": draws.below(90), "resp_ip_bytes": draws.below(99_999),
    }  # fmt: skip


def _zeek_json(draws: Draws, index: int) -> bytes:
    record = _conn(draws, index)
    if not draws.below(3):
        del record["service"]
    return orjson.dumps(record)


def _zeek_tsv(draws: Draws, index: int) -> bytes:
    record = _conn(draws, index)
    texts = ["T" if value is True else "F" if value is False else str(value) for value in record.values()]
    if not draws.below(3):
        texts[list(record).index("service")] = "-"
    return "\t".join(texts).encode()


_TSV_TYPES = (
    "time string addr port addr port enum string interval count count string bool bool count string count count count"
    " count"
)


def _zeek_head() -> bytes:
    fields = "\t".join(_conn(Draws(0), 0))
    types = "\t".join(_TSV_TYPES.split())
    return (
        "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tconn\n"
        f"#fields\t{fields}\n#types\t{types}\n"
    ).encode()


def _access(draws: Draws, index: int) -> bytes:
    status = (200, 200, 200, 304, 404)[draws.below(5)]
    return (
        f'{draws.address()} - - [13/May/2026:{_clock(index)} +0800] '
        f'"GET /a/{draws.below(5_000)}?q={draws.below(50)} HTTP/1.1" '
        f'{status} {draws.below(99_999)} "-" "{_AGENTS[draws.below(40)]}"'
    ).encode()


def _clock(index: int) -> str:
    second = index // 50 % 86_400
    return f"{second // 3_600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"


def _bsd(draws: Draws, index: int) -> bytes:
    return (
        f"<{8 * draws.below(24) + 6}>May 13 {_clock(index)} srv{draws.below(300)} sshd[{draws.below(32_768)}]: "
        f"Failed password for invalid user u{draws.below(900)} from {draws.address()} port {draws.below(65_536)} ssh2"
    ).encode()


def _syslog(draws: Draws, index: int) -> bytes:
    return (
        f"<{8 * draws.below(24) + 6}>1 2026-05-13T{_clock(index)}.{draws.below(1_000_000):06d}+08:00 "
        f'srv{draws.below(300)} app {draws.below(32_768)} ID{draws.below(40)} [meta@32473 seq="{index}" zone="dmz"] '
        f"request {draws.below(99_999)} done"
    ).encode()


def _ecs(draws: Draws, index: int) -> bytes:
    return orjson.dumps(
        {
            "@timestamp": iso(START + index * 1_000_000), "event": {"dataset": "app.log", "kind": "event"},
            "message": f"request {draws.below(99_999)}", "host": {"name": f"srv{draws.below(300)}"},
            "source": {"ip": draws.address(), "port": draws.below(65_536)},
        }
    )  # fmt: skip


def _auditd(draws: Draws, index: int) -> bytes:
    return (
        f"type=USER_AUTH msg=audit({START // SECOND + index // 100}.{index % 100:03d}:{index}): "
        f"pid={draws.below(32_768)} uid=0 auid=4294967295 ses=4294967295 "
        f"msg='op=PAM:authentication acct=\"u{draws.below(900)}\" exe=\"/usr/sbin/sshd\" "
        f"hostname={draws.address()} addr={draws.address()} terminal=ssh res=failed'"
    ).encode()


def _xml(draws: Draws, index: int) -> bytes:
    return (
        '<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System>'
        '<Provider Name="Microsoft-Windows-Security-Auditing"/><EventID>4625</EventID><Level>0</Level>'
        f'<TimeCreated SystemTime="{iso(START + index * 1_000_000)}"/><EventRecordID>{index}</EventRecordID>'
        f"<Channel>Security</Channel><Computer>WS{draws.below(300)}</Computer></System><EventData>"
        f'<Data Name="TargetUserName">u{draws.below(900)}</Data><Data Name="LogonType">3</Data>'
        f'<Data Name="IpAddress">{draws.address()}</Data></EventData></Event>'
    ).encode()


def _windows(draws: Draws, index: int) -> WindowsEvent:
    data = {
        "UtcTime": "2026-05-13 07:04:08.123", "ProcessGuid": f"{draws.below(1 << 62):032x}",
        "ProcessId": str(draws.below(9_999)), "Image": f"C:\\Windows\\System32\\tool{draws.below(200)}.exe",
        "User": f"CORP\\user{draws.below(90)}",
    }  # fmt: skip
    if draws.below(10):
        code = 3
        data |= {"Protocol": "tcp", "SourceIp": draws.address(), "SourcePort": str(draws.below(65_536)),
                 "DestinationIp": draws.address(), "DestinationPort": "443"}  # fmt: skip
    else:
        code = 1
        data |= {"CommandLine": f"tool.exe /job {draws.below(5_000)}", "ParentImage": "C:\\Windows\\explorer.exe"}
    channel, provider = "Microsoft-Windows-Sysmon/Operational", "Microsoft-Windows-Sysmon"
    return WindowsEvent(channel, provider, code, START + index * 1_000_000, f"WS{draws.below(300)}", data)


_LINES: Mapping[str, tuple[bytes, Callable[[Draws, int], bytes]]] = {
    "suricata.eve": (b"", _eve),
    "zeek.json": (b"", _zeek_json),
    "zeek.tsv": (_zeek_head(), _zeek_tsv),
    "web.access": (b"", _access),
    "syslog.rfc3164": (b"", _bsd),
    "syslog.rfc5424": (b"", _syslog),
    "ecs.json": (b"", _ecs),
    "linux.auditd": (b"", _auditd),
    "windows.xml": (b"", _xml),
}


_VARIED = re.compile(rb"(?<![0-9.:-])[1-6][0-9]{4}(?![0-9.:-])|(?<=10\.8\.1\.)[0-9]{1,3}(?![0-9.])")
"""Ports and hosts in the samples of declared formats: what differs from line to line on a busy network."""


def write_declared(
    folder: Path, count: int, seed: int, lines: Mapping[str, Sequence[str]]
) -> Iterator[tuple[str, Path]]:
    """Write a file of `count` lines for every declared format, from its samples; yields its name with its file."""
    for name, samples in lines.items():
        draws = Draws(seed)
        # Headers of a file stand once at its beginning.
        texts = [line.encode() for line in samples]
        heads = [text for text in texts if text.startswith(b"#")]
        bodies = [text for text in texts if not text.startswith(b"#")]
        path = folder / f"{name}.log"
        with path.open("wb") as file:
            file.writelines(head + b"\n" for head in heads)
            for index in range(count):
                body = bodies[index % len(bodies)]
                file.write(_VARIED.sub(partial(_varied, draws), body) + b"\n")
        yield name, path


def _varied(draws: Draws, found: re.Match[bytes]) -> bytes:
    return b"%d" % (10_000 + draws.below(55_000) if len(found[0]) == 5 else 1 + draws.below(250))


def write_inputs(folder: Path, count: int, seed: int) -> Iterator[tuple[str, Path]]:
    """Write a file of `count` records for every log format; yields each format's name with its file."""
    for name, (head, line) in _LINES.items():
        draws = Draws(seed)
        path = folder / f"{name}.log"
        with path.open("wb") as file:
            file.write(head)
            file.writelines(line(draws, index) + b"\n" for index in range(count))
        yield name, path
    draws = Draws(seed)
    path = folder / "windows.evtx"
    path.write_bytes(evtx_file(_windows(draws, index) for index in range(count)))
    yield "windows.evtx", path

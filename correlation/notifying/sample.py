"""Notices that were never true: for trying channels and templates, with a hostile value in each place."""

from typing import Final

from correlation.notifying.model import Kind, Notice, Shown, Topic, digest_of
from sensors.event.times import SECOND

RULE: Final = "00000000-0000-4000-8000-000000000000"


def sample_notice(kind: Kind, channel: str, route: str, now: int, identity: str = "") -> Notice:
    """A notice of a kind, as if it had been found now; the same `identity` is the same message."""
    evidence = Shown(
        "web.access", now, "portal-access.log", "line", 21,
        {
            "source.ip": "203.0.113.199",
            "host.name": "portal-1",
            "http.request.method": "GET",
            "url.original": "/index.php?s=/<script>alert(1)</script>|[示例](https://sample.example)\\=*_`",
            "http.response.status_code": 200,
        },
    )  # fmt: skip
    count = 1 if kind != "digest" else 41
    topic = Topic(
        rule_id=RULE,
        title="Sample: code execution in a portal",
        title_zh="示例：门户网站代码执行",
        level="high",
        attack=("initial-access", "T1190"),
        entities={"host.name": "portal-1", "source.ip": "203.0.113.199"},
        count=count,
        first=now - 60 * SECOND * (count > 1),
        last=now,
        alerts=("0" * 32,),
        evidence=() if kind == "digest" else (evidence,),
        evidence_total=0 if kind == "digest" else 4,
    )
    return Notice(
        id=digest_of("sample", kind, channel, route, identity),
        kind=kind,
        channel=channel,
        route=route,
        created=now,
        level="high",
        count=count,
        topics=(topic,),
        more=3 if kind == "digest" else 0,
    )

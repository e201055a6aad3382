import io

import orjson

from inventory.vulnerabilities.formats.nuclei import read_nuclei
from inventory.vulnerabilities.model import Score
from sensors.event.times import from_iso
from tests.inventory.vulnerabilities.making import DATA, coverage, findings, items, reasons


def test_results_give_findings_and_failed_matches_give_coverage() -> None:
    read = items("good.nuclei.jsonl")
    first, dns = findings(read)
    assert (first.target, first.address, first.port, first.plugin) == (
        "portal.example", "192.0.2.30", 8443, "CVE-2021-41773",
    )  # fmt: skip
    assert first.cves == ("CVE-2021-41773",)
    assert first.score == Score("3.1", 7.5, "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N")
    assert first.evidence == "https://portal.example:8443/cgi-bin/\nroot:x"
    assert first.seen == from_iso("2026-11-30T02:00:00.123456789Z")
    assert (dns.severity, dns.port) == ("unknown", 0)
    proofs = coverage(read)
    assert len(proofs) == 3, "what ended with an error proves nothing"
    assert any(one.covers(8443, "tcp", "CVE-2021-42013") for one in proofs)
    assert not any(one.covers(443, "tcp", "weak-tls") for one in proofs)


def test_an_array_is_read_as_lines_are() -> None:
    lines = (DATA / "good.nuclei.jsonl").read_bytes().splitlines()
    array = orjson.dumps([orjson.loads(line) for line in lines])
    assert list(read_nuclei(io.BytesIO(array), "x")) == items("good.nuclei.jsonl")


def test_hostile_lines_are_told_and_the_rest_is_read() -> None:
    read = items("hostile.nuclei.jsonl")
    assert [one.plugin for one in findings(read)] == ["fine"]
    assert findings(read)[0].target == "2001:db8::1"
    told = reasons(read)
    assert len(told) == 5
    assert {"entry-no-object", "finding-no-host", "finding-no-plugin"} < set(told)

import gzip
from pathlib import Path

from inventory.vulnerabilities.formats.registry import read_file
from inventory.vulnerabilities.model import Score
from sensors.errors import Problem
from sensors.event.times import from_iso
from tests.inventory.vulnerabilities.making import DATA, advisories, items, reasons


def test_an_answer_gives_advisories_with_criteria() -> None:
    read = items("good.nvd.json")
    first, second, third = advisories(read)
    assert (first.id, first.severity, first.exploited, first.title_en) == (
        "CVE-2026-9991", "critical", True, "Synthetic flaw of Apache HTTP Server.",
    )  # fmt: skip
    assert [one.version for one in first.scores] == ["4.0", "3.1", "2.0"]
    assert first.scores[1] == Score("3.1", 9.8, "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"), "the primary one"
    assert first.due == from_iso("2026-11-23")
    (configuration,) = first.configurations
    assert configuration.nodes[0].matches[0].spelled() == ">=2.4.0 <2.4.58"
    (joined,) = second.configurations
    assert (joined.operator, [node.matches[0].vulnerable for node in joined.nodes]) == ("AND", [True, False])
    assert third.withdrawn
    assert reasons(read) == ["cpe-no-name"]
    (problem,) = [one for one in read if isinstance(one, Problem)]
    assert problem.place is not None
    assert (problem.place.line, problem.place.field) == (3, "CVE-2026-9992")


def test_hostile_entries_are_told_and_those_before_the_break_are_kept() -> None:
    read = items("hostile.nvd.json")
    assert [one.id for one in advisories(read)] == ["CVE-2026-9994", "CVE-2026-9995"]
    assert advisories(read)[1].scores == ()
    assert reasons(read)[:2] == ["entry-no-object", "advisory-no-id"]
    assert len(reasons(read)) == 3


def test_feeds_are_read_packed(tmp_path: Path) -> None:
    packed = tmp_path / "nvdcve-2.0-2026.json.gz"
    packed.write_bytes(gzip.compress((DATA / "good.nvd.json").read_bytes()))
    assert advisories(list(read_file(packed))) == advisories(items("good.nvd.json"))

import random
from dataclasses import replace

from inventory.vulnerabilities.merging import merged
from tests.inventory.vulnerabilities.making import advisories, items


def test_sources_are_joined_by_cve() -> None:
    told = [one for name in ("kev.json", "cnnvd.xml", "nvd.json") for one in advisories(items(f"good.{name}"))]
    joined = {one.id: one for one in merged(told)}
    first = joined["CVE-2026-9991"]
    assert (first.source, first.cnnvd, first.exploited, first.ransomware) == ("nvd", "CNNVD-202610-0991", True, True)
    assert first.title_zh.startswith("合成")
    assert first.title_en.startswith("Synthetic")
    assert first.configurations
    assert joined["CVE-2026-9993"].withdrawn
    assert joined["CNNVD-202611-0992"].cves == ()
    random.Random(7).shuffle(told)
    assert {one.id: one for one in merged(told)} == joined


def test_the_last_of_one_source_counts_and_the_greatest_severity() -> None:
    nvd = advisories(items("good.nvd.json"))[1]
    newer = replace(nvd, modified=(nvd.modified or 0) + 1, severity="low")
    cnnvd = replace(advisories(items("good.cnnvd.xml"))[0], cves=nvd.cves, severity="high")
    (one,) = merged([newer, nvd, cnnvd])
    assert (one.severity, one.modified) == ("high", max(newer.modified or 0, cnnvd.modified or 0))

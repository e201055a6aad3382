"""One advisory of what several sources tell of one vulnerability: NVD's criteria, CNNVD's name, CISA's exploitation."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from inventory.vulnerabilities.model import SEVERITIES, Advisory

_FIRST: Final = ("nvd", "cnnvd", "kev")
"""Who is asked first: NVD has criteria and scores, CNNVD has severities of its own, CISA neither."""


def merged(advisories: Iterable[Advisory]) -> tuple[Advisory, ...]:
    """Advisories by CVE, in the order of their ids; what has no CVE stays as it is.

    Of one source's several the one that was modified last counts. CNNVD may name several CVEs: it joins each.
    """
    latest: dict[tuple[str, str], Advisory] = {}
    for one in advisories:
        for name in one.cves or (one.id,):
            known = latest.get((name, one.source))
            if known is None or (one.modified or 0, one.published or 0) >= (known.modified or 0, known.published or 0):
                latest[name, one.source] = one
    by_name: dict[str, list[Advisory]] = {}
    for (name, _), one in latest.items():
        by_name.setdefault(name, []).append(one)
    return tuple(_joined(name, told) for name, told in sorted(by_name.items()))


def _joined(name: str, told: list[Advisory]) -> Advisory:
    told.sort(key=lambda one: _FIRST.index(one.source) if one.source in _FIRST else len(_FIRST))
    first = told[0]
    dues = [one.due for one in told if one.due is not None]
    return replace(
        first,
        id=name,
        cves=(name,) if name in first.cves else first.cves,
        cnnvd=next((one.cnnvd for one in told if one.cnnvd), ""),
        published=min((one.published for one in told if one.published is not None), default=None),
        modified=max((one.modified for one in told if one.modified is not None), default=None),
        scores=next((one.scores for one in told if one.scores), ()),
        # Who sees more danger is believed: a city is measured by CNNVD's severity, too.
        severity=max((one.severity for one in told), key=SEVERITIES.index),
        configurations=next((one.configurations for one in told if one.configurations), ()),
        exploited=any(one.exploited for one in told),
        due=min(dues, default=None),
        ransomware=any(one.ransomware for one in told),
        references=tuple(dict.fromkeys(reference for one in told for reference in one.references))[:100],
        title_en=next((one.title_en for one in told if one.title_en), ""),
        title_zh=next((one.title_zh for one in told if one.title_zh), ""),
        withdrawn=first.withdrawn,
    )

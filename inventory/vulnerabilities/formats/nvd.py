"""Advisories of the National Vulnerability Database: answers of its API and its feeds, version 2.0, plain or gzip.

Specification: NVD, "Vulnerability APIs" (services.nvd.nist.gov/rest/json/cves/2.0) and its schema cve_api_json_2.0:
vulnerabilities[].cve with id, vulnStatus, descriptions, metrics (cvssMetricV40, V31, V30, V2), configurations[].nodes[]
with operator, negate and cpeMatch, and cisaActionDue where CISA lists it.
"""

from collections.abc import Iterator, Mapping
from typing import IO, Any, Final

from inventory.vulnerabilities.cpe import parse
from inventory.vulnerabilities.errors import CpeUnusable, VulnerabilityEntryUnusable
from inventory.vulnerabilities.formats.documents import array_objects, mapping, sequence
from inventory.vulnerabilities.formats.values import (
    CVE,
    cves_of,
    moment_of,
    score_of,
    several,
    severity_named,
    text_of,
)  # fmt: skip
from inventory.vulnerabilities.model import Advisory, Configuration, CpeMatch, Item, Node, Operator, Score
from sensors.errors import Place, Problem

SOURCE: Final = "nvd"
DESCRIPTION: Final = 2_000
_METRICS: Final = (
    ("cvssMetricV40", "4.0"), ("cvssMetricV31", "3.1"), ("cvssMetricV30", "3.0"), ("cvssMetricV2", "2.0"),
)  # fmt: skip
_MOST_NODES: Final = 2_000
_MOST_MATCHES: Final = 50_000


def recognises(head: bytes) -> bool:
    """Whether a file begins as an answer or a feed does."""
    return b'"NVD_CVE"' in head or (b'"vulnerabilities"' in head and b'"cve"' in head)


def read_nvd(octets: IO[bytes], place: str) -> Iterator[Item]:
    """Advisories one by one; of one with broken criteria the rest is kept, and the criteria are told."""
    for found in array_objects(octets, place, "vulnerabilities"):
        if isinstance(found, Problem):
            yield found
            continue
        line, entry = found
        said = mapping(entry.get("cve"))
        name = text_of(said.get("id"), 40).upper()
        if not CVE.fullmatch(name):
            yield VulnerabilityEntryUnusable(place=Place(place, line), value=name, reason="advisory-no-id")
            continue
        problems: list[Problem] = []
        configurations = _configurations(said.get("configurations"), Place(place, line, field=name), problems)
        yield from problems
        yield _advisory(name, said, configurations)


def _advisory(name: str, said: Mapping[str, Any], configurations: tuple[Configuration, ...]) -> Advisory:
    metrics = mapping(said.get("metrics"))
    scores = tuple(score for key, version in _METRICS if (score := _score(metrics.get(key), version)))
    best = max(scores, key=lambda one: one.version, default=None)
    texts = [mapping(one) for one in sequence(said.get("descriptions"))[:20]]
    english = next((one.get("value") for one in texts if one.get("lang") == "en"), "")
    return Advisory(
        id=name,
        source=SOURCE,
        cves=cves_of(name),
        published=moment_of(said.get("published")),
        modified=moment_of(said.get("lastModified")),
        scores=scores,
        severity=severity_named("", best),
        configurations=configurations,
        exploited=bool(text_of(said.get("cisaExploitAdd"), 20)),
        due=moment_of(said.get("cisaActionDue")),
        references=several((mapping(one).get("url") for one in sequence(said.get("references"))), 100, 2_000),
        title_en=text_of(said.get("cisaVulnerabilityName")) or text_of(english, DESCRIPTION),
        withdrawn=text_of(said.get("vulnStatus"), 40) == "Rejected",
    )


def _score(metrics: Any, version: str) -> Score | None:
    """The score that NVD itself gave (`Primary`), else the first."""
    found = [mapping(one) for one in sequence(metrics)[:50]]
    for one in sorted(found, key=lambda one: one.get("type") != "Primary"):
        data = mapping(one.get("cvssData"))
        if score := score_of(data.get("baseScore"), data.get("vectorString"), version):
            return score
    return None


def _configurations(said: Any, place: Place, problems: list[Problem]) -> tuple[Configuration, ...]:
    configurations: list[Configuration] = []
    left = _MOST_MATCHES
    for one in sequence(said)[:_MOST_NODES]:
        configuration = mapping(one)
        nodes: list[Node] = []
        for node in map(mapping, sequence(configuration.get("nodes"))[:_MOST_NODES]):
            matches = [
                match
                for said_match in sequence(node.get("cpeMatch"))[:left]
                if (match := _match(mapping(said_match), place, problems))
            ]
            left -= len(matches)
            if matches:
                nodes.append(Node(_operator(node.get("operator")), tuple(matches), node.get("negate") is True))
        if nodes:
            operator = _operator(configuration.get("operator"))
            configurations.append(Configuration(tuple(nodes), operator, configuration.get("negate") is True))
    return tuple(configurations)


def _operator(said: Any) -> Operator:
    return "AND" if said == "AND" else "OR"


def _match(said: Mapping[str, Any], place: Place, problems: list[Problem]) -> CpeMatch | None:
    try:
        criterion = parse(text_of(said.get("criteria"), 2_000))
    except CpeUnusable as problem:
        if len(problems) < 20:
            problem.place = place
            problems.append(problem)
        return None
    return CpeMatch(
        criterion,
        said.get("vulnerable") is not False,
        text_of(said.get("versionStartIncluding"), 200),
        text_of(said.get("versionStartExcluding"), 200),
        text_of(said.get("versionEndIncluding"), 200),
        text_of(said.get("versionEndExcluding"), 200),
    )

"""Values that all formats hold, read with care: times, ids of CVE, scores, severities, bounded texts."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any, Final

from inventory.vulnerabilities.model import Score, Severity, severity_of
from sensors.event.times import EARLIEST, LATEST, SECOND, from_iso

EVIDENCE: Final = 2_000
TITLE: Final = 500
MOST: Final = 500
"""Of what one entry may list: ids, references, names."""
CVE: Final = re.compile(r"CVE-[0-9]{4}-[0-9]{4,19}", re.IGNORECASE)

SEVERITY_NAMES: Final[Mapping[str, Severity]] = {
    "critical": "critical", "high": "high", "medium": "medium", "moderate": "medium", "low": "low", "none": "none",
    "info": "none", "informational": "none", "information": "none", "log": "none", "debug": "none",
    "超危": "critical", "严重": "critical", "高危": "high", "中危": "medium", "低危": "low", "未评级": "unknown",
}  # fmt: skip
"""What sources call severities; 超危, 高危, 中危 and 低危 are those of GB/T 30279-2020 and of CNNVD."""


def text_of(value: Any, most: int = TITLE) -> str:
    """A text of at most so many characters, without what cannot be printed; empty where there is none."""
    if not isinstance(value, str):
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""
    cut = value[: most * 2].strip()
    return "".join(one if one.isprintable() or one in "\n\t" else "\N{REPLACEMENT CHARACTER}" for one in cut)[:most]


def cves_of(*texts: Any) -> tuple[str, ...]:
    """All ids of CVE in these texts, once each, in the order that they stand in."""
    found: dict[str, None] = {}
    for text in texts:
        for one in CVE.findall(text if isinstance(text, str) else "")[:MOST]:
            found[one.upper()] = None
    return tuple(found)[:MOST]


def moment_of(value: Any) -> int | None:
    """A time of ISO 8601, of `yyyy/mm/dd`, of C's asctime (Nessus), or of seconds since 1970."""
    text = text_of(value, 64)
    if not text:
        return None
    try:
        if re.fullmatch(r"[0-9]{9,11}", text):
            moment = int(text) * SECOND
        elif re.match(r"[A-Z][a-z]{2} ", text):
            # Nessus gives the scanner's own clock without its zone: taken as UTC, as docs/vulnerabilities.md says.
            said = datetime.strptime(text, "%a %b %d %H:%M:%S %Y").replace(tzinfo=UTC)
            moment = int(said.timestamp()) * SECOND
        else:
            moment = from_iso(text.replace("/", "-"))
    except (ValueError, OverflowError):
        return None
    return moment if EARLIEST <= moment < LATEST else None


def number_of(value: Any) -> float | None:
    """A number as JSON or XML says it; None for what is none, or no finite one."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if abs(number) < 1e12 else None


def port_of(value: Any) -> int:
    """A port, 0 where none is told."""
    number = number_of(value)
    return int(number) if number is not None and 0 <= number <= 65_535 else 0


def score_of(score: Any, vector: Any = "", version: str = "") -> Score | None:
    """A score of CVSS with its vector, from which its version follows where none is said; None where there is none."""
    number = number_of(score)
    if number is None or not 0 <= number <= 10:
        return None
    spelled = text_of(vector, 300).removeprefix("CVSS2#")
    prefix = re.match(r"CVSS:([0-9]\.[0-9])/", spelled)
    return Score(version or (prefix[1] if prefix else "2.0"), number, spelled)


def severity_named(name: Any, score: Score | None = None) -> Severity:
    """The severity of that name; else that of the score; else unknown."""
    found = SEVERITY_NAMES.get(text_of(name, 40).lower())
    if found and found != "unknown":
        return found
    return severity_of(score.score) if score else "unknown"


def address_of(text: Any) -> str:
    """An address in its usual spelling; empty where the text is none. A zone (%eth0) is no part of it."""
    try:
        return str(ip_address(text_of(text, 64).partition("%")[0].strip("[]")))
    except ValueError:
        return ""


def several(values: Iterable[Any], most: int = MOST, length: int = TITLE) -> tuple[str, ...]:
    """Texts, once each, at most so many."""
    found: dict[str, None] = {}
    for value in values:
        if len(found) >= most:
            break
        if text := text_of(value, length):
            found[text] = None
    return tuple(found)

"""Names of CPE 2.3: read, written and compared, in the formatted string and in the older URI.

Specifications: NISTIR 7695 (naming: section 5.3 well-formed names, 6.1 URI, 6.2 formatted string) and NISTIR 7696
(matching: table 6-2 of attributes, section 6.3 wildcards, table 6-3 of names).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import lru_cache
from operator import attrgetter
from typing import Final, Literal, TypeAlias
from urllib.parse import unquote

from inventory.vulnerabilities.errors import CpeUnusable

ANY: Final = "*"
NA: Final = "-"
LONGEST: Final = 2_000
_PREFIX: Final = "cpe:2.3:"
_COMPONENT: Final = re.compile(r"(?:[^:\\]|\\.)*", re.DOTALL)
_VALUE: Final = re.compile(
    r"(?P<head>\*|\?*)(?P<body>(?:[A-Za-z0-9._\-]|\\[^A-Za-z0-9\s]|[^\x00-\x7f])+)(?P<tail>\*|\?*)"
)
"""A value with its wildcards, which may stand at both ends alone (NISTIR 7695, 5.3.2). Letters beyond ASCII are no
part of it but occur in names that people make; they are let through."""
_USUAL: Final = re.compile(r"[a-z0-9._-]+")
"""What most values are, without anything that is quoted."""
_QUOTED: Final = re.compile(r"\\(.)")

Relation: TypeAlias = Literal["superset", "subset", "equal", "disjoint", "undefined"]


@dataclass(frozen=True, slots=True)
class Cpe:
    """A name; each attribute is `*` (any), `-` (not applicable), or a value in the spelling of formatted strings."""

    part: str = ANY
    vendor: str = ANY
    product: str = ANY
    version: str = ANY
    update: str = ANY
    edition: str = ANY
    language: str = ANY
    sw_edition: str = ANY
    target_sw: str = ANY
    target_hw: str = ANY
    other: str = ANY

    def __str__(self) -> str:
        return _PREFIX + ":".join(self.attributes())

    def attributes(self) -> tuple[str, ...]:
        """All eleven in the order of the formatted string."""
        return _ATTRIBUTES(self)

    def full_version(self) -> str:
        """Version and update as one text, such as 8.5p1; empty where any version is meant, `-` where none applies."""
        if self.version == ANY:
            return ""
        update = "" if self.update in {ANY, NA} else plain(self.update)
        # A date or a number would run into the version: 2.4 and 1 are not 2.41.
        joint = "." if update[:1].isdigit() else ""
        return f"{plain(self.version)}{joint}{update}"


NAMES: Final = tuple(field.name for field in fields(Cpe))
_ATTRIBUTES: Final[Callable[[Cpe], tuple[str, ...]]] = attrgetter(*NAMES)


@lru_cache(maxsize=65_536)
def parse(text: str) -> Cpe:
    """The name that a formatted string (`cpe:2.3:…`) or a URI (`cpe:/…`) gives, in lower case.

    Raises:
        CpeUnusable: it is neither, or a part of it breaks the grammar.
    """
    if len(text) > LONGEST:
        raise CpeUnusable(value=text[:80], reason="cpe-too-long")
    said = text.strip().lower()
    if said.startswith(_PREFIX):
        return _of_parts(text, _split(said.removeprefix(_PREFIX)))
    if said.startswith("cpe:/"):
        return _of_parts(text, _unbound(said.removeprefix("cpe:/")))
    raise CpeUnusable(value=text[:80], reason="cpe-no-name")


def quoted(text: str) -> str:
    """A literal text as a value: what is no letter, digit, `.`, `-` or `_` is quoted, blanks become `_`."""
    spelled = re.sub(r"\s+", "_", text.strip().lower())
    value = re.sub(r"([\x21-\x7e])", lambda found: _literal(found[1]), spelled)
    return rf"\{value}" if value == NA else value


def plain(value: str) -> str:
    """A value without its quoting."""
    return _QUOTED.sub(r"\1", value) if "\\" in value else value


def compare(source: str, target: str) -> Relation:  # noqa: PLR0911 - one return for each line of the table
    """How one attribute relates to another: table 6-2 of NISTIR 7696."""
    if _wild(target):
        return "undefined"
    if source == target:
        return "equal"
    if source == ANY:
        return "superset"
    if target == ANY:
        return "subset"
    if NA in {source, target}:
        return "disjoint"
    if _wild(source):
        return "superset" if _pattern(source).fullmatch(plain(target)) else "disjoint"
    return "equal" if plain(source) == plain(target) else "disjoint"


def relation(source: Cpe, target: Cpe) -> Relation:
    """How one name relates to another: table 6-3 of NISTIR 7696, disjoint if one attribute is."""
    found = {compare(*pair) for pair in zip(source.attributes(), target.attributes(), strict=True)}
    for telling in ("disjoint", "undefined"):
        if telling in found:
            return telling
    if found == {"equal"}:
        return "equal"
    if found <= {"equal", "superset"}:
        return "superset"
    return "subset" if found <= {"equal", "subset"} else "undefined"


def _split(text: str) -> list[str]:
    if "\\" not in text:
        return text.split(":")
    parts: list[str] = []
    position = 0
    while found := _COMPONENT.match(text, position):
        parts.append(found[0])
        position = found.end() + 1
        if position > len(text) or text[found.end()] != ":":
            break
    return parts


def _unbound(text: str) -> list[str]:
    """The eleven of a URI: seven, of which the edition may pack five (NISTIR 7695, 6.1.3.1 and 7.1)."""
    parts = [_of_uri(part) for part in text.split(":")]
    parts += [ANY] * (7 - len(parts))
    packed = text.split(":")[5] if len(text.split(":")) > 5 else ""
    if packed.startswith("~") and packed.count("~") == 5:
        edition, sw_edition, target_sw, target_hw, other = (_of_uri(one) for one in packed[1:].split("~"))
        return [*parts[:5], edition, parts[6], sw_edition, target_sw, target_hw, other]
    return [*parts[:7], ANY, ANY, ANY, ANY, *parts[7:]]


def _of_uri(part: str) -> str:
    """One component of a URI as a value: %01 and %02 are the wildcards `?` and `*`, empty is any."""
    if part in {"", NA}:
        return part or ANY
    pieces = re.split(r"(%01|%02)", part)
    names = {"%01": "?", "%02": "*"}
    return "".join(names.get(piece) or "".join(map(_literal, unquote(piece))) for piece in pieces)


def _of_parts(text: str, parts: list[str]) -> Cpe:
    if len(parts) != len(NAMES):
        raise CpeUnusable(value=text[:80], reason="cpe-parts")
    if parts[0] not in {"a", "o", "h", ANY}:
        raise CpeUnusable(value=text[:80], reason="cpe-part")
    return Cpe(*(_checked(text, part) for part in parts))


def _checked(text: str, part: str) -> str:
    if part in {ANY, NA, ""}:
        return part or ANY
    if _USUAL.fullmatch(part):
        return part
    found = _VALUE.fullmatch(part)
    if found is None:
        raise CpeUnusable(value=text[:80], reason="cpe-value")
    body = "".join(_literal(one[-1]) for one in re.findall(r"\\.|.", found["body"], re.DOTALL))
    if body == NA and not found["head"] and not found["tail"]:
        body = rf"\{NA}"
    return found["head"] + body + found["tail"]


def _literal(character: str) -> str:
    return character if character.isalnum() or character in "._-" or character > "\x7f" else f"\\{character}"


@lru_cache(maxsize=65_536)
def _wild(value: str) -> bool:
    return value not in {ANY, NA} and ("*" in value or "?" in value) and re.search(r"(?<!\\)[*?]", value) is not None


@lru_cache(maxsize=4_096)
def _pattern(value: str) -> re.Pattern[str]:
    """What a value with wildcards matches: `?` is none or one character, as it stands at an end (NISTIR 7696, 6.3)."""
    found = re.fullmatch(r"(\*|\?*)(.*?)((?<!\\)\*|(?:(?<!\\)\?)+)?", value, re.DOTALL)
    assert found is not None, "anything is of this form"
    ends = [".*" if end == "*" else f".{{0,{len(end)}}}" for end in (found[1], found[3] or "")]
    return re.compile(ends[0] + re.escape(plain(found[2])) + ends[1], re.DOTALL)

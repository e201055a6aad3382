"""What the cells of tables mean: texts in, values out, and values as texts that mean the same when read again."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from ipaddress import ip_address, ip_network
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

from inventory.days import read_day
from inventory.model import Field, Kind, Words

LONGEST: Final = 4_000
"""Characters of one text."""
MOST: Final = 1_000
"""Members of one list."""
BETWEEN: Final = "; "
"""What stands between the members of a list when it is written."""
_MEMBERS: Final = re.compile(r"[;；|\n]")
"""What stands between names: no comma and no 、, which are parts of names such as 文化、旅游局."""
_ADDRESSES: Final = re.compile(r"[;；,，、|\s]+")
_YES_OR_NO: Final = {
    **dict.fromkeys(("true", "yes", "y", "1", "是", "有", "√"), True),
    **dict.fromkeys(("false", "no", "n", "0", "否", "无", "×"), False),
}  # fmt: skip
_GRADE: Final = re.compile(r"第?([一二三四五1-5])级")
_GRADES: Final = {sign: grade for grade, sign in enumerate("一二三四五", 1)}
_INTEGER: Final = re.compile(r"[+-]?(?:\d{1,15}|\d{1,3}(?:,\d{3}){1,4})(?:\.0+)?")
_DECIMAL: Final = re.compile(r"[+-]?(?:\d{1,15}|\d{1,3}(?:,\d{3}){1,4})(?:\.\d{1,15})?(?:[eE][+-]?\d{1,2})?")
_HEX: Final = re.compile(r"[0-9a-f]{12}")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""Control characters (Cc of Unicode) but for line feed and tabulator."""
_LABEL: Final = re.compile(r"(?!-)[\w-]{1,63}(?<!-)")
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


class UnusableError(ValueError):
    """A text that is not what its field wants; the argument is the code of what that is."""


def read(field: Field, text: str) -> Any:
    """The value that a cell holds; None for an empty one.

    Of references the texts by which they are named: which records that are is told elsewhere.

    Raises:
        UnusableError: the text is not what the field wants.
    """
    text = unicodedata.normalize("NFC", text).strip()
    if not text:
        return None
    if field.kind == "choice":
        return _choice(field.choices, text)
    if field.kind == "url":
        return _url(text)
    found = _READERS[field.kind](text)
    if (field.least is not None and found < field.least) or (field.most is not None and found > field.most):
        raise UnusableError("range")
    # A list of nothing says as much as an empty cell.
    return None if found == [] else found


def spell(field: Field, value: Any) -> str:
    """A value as a text, which `read` makes the same value of; of choices the code, of references what is given."""
    if value is None:
        return ""
    if field.kind == "flag":
        return "true" if value else "false"
    if field.kind == "decimal":
        return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))
    if isinstance(value, list | tuple):
        return BETWEEN.join(map(str, value))
    return str(value)


def _text(text: str) -> str:
    if len(text) > LONGEST:
        raise UnusableError("text-short")
    if _CONTROL.search(text):
        raise UnusableError("text-printable")
    return text


def _texts(text: str) -> list[str]:
    found = list(dict.fromkeys(one for part in _MEMBERS.split(_text(text)) if (one := part.strip())))
    if len(found) > MOST:
        raise UnusableError("list-short")
    return found


def _integer(text: str) -> int:
    plain = unicodedata.normalize("NFKC", text)
    if grade := _GRADE.fullmatch(plain):
        return _GRADES.get(grade[1]) or int(grade[1])
    if not _INTEGER.fullmatch(plain):
        raise UnusableError("integer")
    return int(plain.replace(",", "").partition(".")[0])


def _decimal(text: str) -> float:
    plain = unicodedata.normalize("NFKC", text)
    if not _DECIMAL.fullmatch(plain):
        raise UnusableError("decimal")
    return float(plain.replace(",", ""))


def _flag(text: str) -> bool:
    found = _YES_OR_NO.get(text.casefold())
    if found is None:
        raise UnusableError("flag")
    return found


def _day(text: str) -> str:
    found = read_day(unicodedata.normalize("NFKC", text))
    if found is None:
        raise UnusableError("day")
    return found


def _network(text: str) -> str:
    try:
        return str(ip_network(text))
    except ValueError as error:
        raise UnusableError("network") from error


def _addresses(text: str) -> list[str]:
    found = []
    for one in filter(None, _ADDRESSES.split(_text(text))):
        try:
            address = ip_address(one)
        except ValueError as error:
            raise UnusableError("addresses") from error
        if getattr(address, "scope_id", None):
            # What a link calls itself is known on that host alone.
            raise UnusableError("addresses")
        found.append(str(address))
    if len(found) > MOST:
        raise UnusableError("list-short")
    return list(dict.fromkeys(found))


def _mac(text: str) -> str:
    plain = re.sub(r"[:.\-\s]", "", text.lower())
    if not _HEX.fullmatch(plain):
        raise UnusableError("mac")
    return ":".join(plain[place : place + 2] for place in range(0, 12, 2))


def _domain(text: str) -> str:
    plain = text.lower().rstrip(".")
    if len(plain) > 253 or not all(map(_LABEL.fullmatch, plain.split("."))):
        raise UnusableError("domain")
    return plain


def _url(text: str) -> str:
    # Tables name sites as people do; a browser, too, takes a bare name for one of the web.
    try:
        parts = urlsplit(text if _SCHEME.match(text) and "://" in text else f"http://{text}")
        port = parts.port
    except ValueError as error:
        raise UnusableError("url") from error
    host = (parts.hostname or "").rstrip(".")
    named = ":" in host or (host and all(map(_LABEL.fullmatch, host.split("."))))
    if parts.scheme.lower() not in {"http", "https"} or not named or parts.username or len(text) > LONGEST:
        raise UnusableError("url")
    usual = {"http": 80, "https": 443}[parts.scheme.lower()]
    place = (f"[{host}]" if ":" in host else host) + (f":{port}" if port not in {None, usual} else "")
    return urlunsplit((parts.scheme.lower(), place, parts.path.rstrip("/") or "", parts.query, ""))


def _choice(choices: Mapping[str, Words], text: str) -> str:
    wanted = text.casefold()
    for code, words in choices.items():
        if wanted in {code.casefold(), words.zh.casefold(), words.en.casefold()}:
            return code
    raise UnusableError("choice")


_READERS: Final[Mapping[Kind, Callable[[str], Any]]] = {
    "text": _text, "integer": _integer, "decimal": _decimal, "flag": _flag, "day": _day, "reference": _text,
    "references": _texts, "network": _network, "addresses": _addresses, "mac": _mac, "domain": _domain,
    "texts": _texts,
}  # fmt: skip


def choices_of(field: Field, language: str) -> Sequence[str]:
    """What a choice can be, in a language."""
    return [words.zh if language == "zh" else words.en for words in field.choices.values()]

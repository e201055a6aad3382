"""What the fields of a context file mean: texts in, values out, in English and in the words of Chinese spreadsheets."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from correlation.context.addresses import range_of
from correlation.context.model import DOMAINS, GRADES, KEYS, SPACE_KEYS, Domain
from sensors.event.times import EARLIEST, LATEST, SECOND, from_iso

HEADINGS: Final[Mapping[str, str]] = {
    "地址": "network", "网段": "network", "地址段": "network", "IP地址": "network", "IP": "network",
    "主机": "host", "主机名": "host", "地址空间": "space", "空间": "space",
    "生效": "valid_from", "生效时间": "valid_from", "失效": "valid_to", "失效时间": "valid_to",
    "资产": "asset", "资产名称": "asset", "系统": "system", "业务系统": "system", "信息系统": "system",
    "单位": "unit", "区": "district", "行政区": "district", "区域": "district",
    "域": "domain", "网络域": "domain", "等级": "grade", "等保等级": "grade", "等保级别": "grade",
    "关基": "cii", "关键信息基础设施": "cii",
}  # fmt: skip
"""Headings that Chinese spreadsheets have for the keys."""

_DOMAINS: Final[Mapping[str, Domain]] = {
    **{name: name for name in DOMAINS},
    "政务外网": "extranet", "租户": "tenant", "云租户": "tenant", "关基": "cii", "关键信息基础设施": "cii",
    "物联网": "iot", "物联感知": "iot", "感知网": "iot", "工控": "ot", "工业控制": "ot", "互联网": "internet",
}  # fmt: skip
_YES_OR_NO: Final = {
    "true": True, "yes": True, "1": True, "是": True, "false": False, "no": False, "0": False, "否": False,
}  # fmt: skip
_GRADES: Final = {
    text: grade
    for grade, sign in zip(GRADES, "一二三四五", strict=True)
    for text in (str(grade), f"{grade}级", f"{sign}级", f"第{sign}级")
}
_DAY: Final = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(.*)", re.DOTALL)
_LONGEST: Final = 1_000
"""Characters of one text; what is longer is no name."""


class UnusableError(ValueError):
    """A text that is not what its field wants; the argument is the code of what that is."""


def _network(text: str) -> object:
    found = range_of(text)
    if found is None:
        raise UnusableError("context-network")
    return found


def _text(text: str) -> object:
    if len(text) > _LONGEST:
        raise UnusableError("context-text")
    return text


def _moment(text: str, days: int = 0) -> int:
    """A time, which may be a day as spreadsheets write it; `days` later if it is a day alone."""
    day = _DAY.fullmatch(text)
    try:
        found = from_iso(f"{day[1]}-{day[2]:0>2}-{day[3]:0>2}{day[4]}" if day else text)
    except (ValueError, OverflowError) as error:
        raise UnusableError("context-time") from error
    if not EARLIEST <= found < LATEST:
        raise UnusableError("context-time")
    return found + days * 86_400 * SECOND if day and not day[4] else found


def _one_of(table: Mapping[str, Any], wanted: str) -> Callable[[str], object]:
    def read(text: str) -> object:
        found = table.get(text.lower())
        if found is None:
            raise UnusableError(wanted)
        return found

    return read


READERS: Final[Mapping[str, Callable[[str], object]]] = {
    "network": _network,
    "host": lambda text: _text(text.lower()),
    "space": _text,
    "valid_from": _moment,
    # A day that is the last one is in it as a whole.
    "valid_to": lambda text: _moment(text, days=1),
    "asset": _text,
    "system": _text,
    "unit": _text,
    "district": _text,
    "domain": _one_of(_DOMAINS, "context-domain"),
    "grade": _one_of(_GRADES, "context-grade"),
    "cii": _one_of(_YES_OR_NO, "context-yes-or-no"),
}
"""How each key of an entry is read. Raises UnusableError."""

assert set(READERS) == set(KEYS)
LISTS: Final = frozenset(SPACE_KEYS) - {"name"}
"""Keys of a space that hold several texts."""

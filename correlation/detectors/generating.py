"""Generated names: a host asks for many domains that do not exist and that no person would choose.

Malware that finds its master by a generator of names (DGA) asks for hundreds of them until one exists.
"""

from collections.abc import Iterator
from typing import Final

from correlation.detectors.memory import Distinct, Quiet
from correlation.detectors.model import Detection, State
from correlation.detectors.naming import generated, registered
from correlation.detectors.reading import NAMES, Reading
from correlation.rules.model import Described
from sensors.event.times import SECOND

DIFFERENT: Final = 12
PERIOD: Final = 600 * SECOND
_MISSING: Final = frozenset({"NXDOMAIN", "3"})
_MOST_KEYS: Final = 20_000
_HOUR: Final = 3_600 * SECOND


class Generating:
    """Looks at names that were answered with NXDOMAIN."""

    about = Described(
        id="2012031c-e986-5867-a07a-d8f8fffa3034",
        name="generated_names",
        title="A host asks for generated domain names that do not exist",
        title_zh="主机大量查询不存在的算法生成域名（DGA）",
        level="high",
        tags=("attack.command-and-control", "attack.t1568.002"),
    )
    datasets = NAMES

    def __init__(self) -> None:
        self._names: Distinct[str] = Distinct(DIFFERENT, PERIOD, _MOST_KEYS)
        self._told = Quiet(_HOUR)

    @property
    def given_up(self) -> int:
        """As in `Detector`."""
        return self._names.given_up

    def look(self, reading: Reading) -> Iterator[Detection]:
        """As in `Detector`."""
        for row, time, source, name, code in reading.rows("source.ip", "dns.question.name", "dns.response_code"):
            # Browsers ask for names of one label that do not exist, to see whether somebody answers all the same.
            if not source or not name or code not in _MISSING or "." not in name.rstrip("."):
                continue
            _, domain = registered(name)
            if not generated(domain.partition(".")[0]):
                continue
            found = self._names.add((source,), domain, time, domain)
            if found is None or not self._told.tell((source,), time):
                continue
            minutes, some = PERIOD // (60 * SECOND), ", ".join(found[:3])
            yield Detection(
                self.about, (row,),
                f"{source} asked within {minutes} minutes for {len(found)} generated domains that do not exist:"
                f" {some} …",
                f"{source} 在 {minutes} 分钟内查询 {len(found)} 个不存在的疑似生成域名：{some} …",
                f'source.ip:"{source}" AND dns.response_code:NXDOMAIN',
            )  # fmt: skip

    def dump(self) -> State:
        """As in `Detector`."""
        return {"names": self._names.dump(), "told": self._told.dump()}

    def load(self, state: State) -> None:
        """As in `Detector`."""
        self._names.load(state["names"])
        self._told.load(state["told"])

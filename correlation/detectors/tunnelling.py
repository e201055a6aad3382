"""Tunnels through the domain name system: data goes out as names below one domain, which nobody asks twice.

What iodine, dnscat2 and dns2tcp have in common: each question is for another name, long and without pattern, below a
name of theirs. Counted for each asking address and registered domain.
"""

from collections.abc import Iterator
from statistics import fmean
from typing import Final

from correlation.detectors.memory import Distinct, Pace, Quiet
from correlation.detectors.model import Detection, State
from correlation.detectors.naming import entropy, registered
from correlation.detectors.reading import NAMES, Reading
from correlation.rules.model import Described
from sensors.event.times import SECOND

PACES: Final = (Pace("fast", 40, 600 * SECOND), Pace("slow", 120, 24 * 3_600 * SECOND))
"""So many different names within a time."""
LEAST_OCTETS: Final = 20.0
"""Their mean length before the registered domain."""
LEAST_BITS: Final = 3.2
"""Their mean entropy a character; words of this length have 2.5 to 3.2, hexadecimal digits 3.4 to 4."""
KNOWN: Final = frozenset({
    "in-addr.arpa", "ip6.arpa", "mcafee.com", "sophosxl.net", "spamhaus.org", "barracudacentral.org", "surbl.org",
    "akadns.net", "akamaiedge.net", "cloudfront.net", "amazonaws.com", "aliyuncs.com", "myqcloud.com",
})  # fmt: skip
"""Domains whose names are made by machines for good reasons: reverse lookups, reputation services, contents near by."""
_MOST_KEYS: Final = 20_000
_HOUR: Final = 3_600 * SECOND


class Tunnelling:
    """Looks at questions for names."""

    about = Described(
        id="352a6a81-681c-599d-a77f-80611be4856c",
        name="dns_tunnel",
        title="Data leaves as names below one domain (DNS tunnel)",
        title_zh="疑似 DNS 隧道：大量随机子域名查询",
        level="high",
        tags=("attack.command-and-control", "attack.t1071.004", "attack.exfiltration", "attack.t1048"),
    )
    datasets = NAMES

    def __init__(self) -> None:
        self._names: list[Distinct[tuple[int, float]]] = [
            Distinct(pace.wanted, pace.period, _MOST_KEYS) for pace in PACES
        ]
        self._told = Quiet(_HOUR)

    @property
    def given_up(self) -> int:
        """As in `Detector`."""
        return sum(names.given_up for names in self._names)

    def look(self, reading: Reading) -> Iterator[Detection]:
        """As in `Detector`."""
        for row, time, source, name in reading.rows("source.ip", "dns.question.name"):
            if not source or not name:
                continue
            before, domain = registered(name)
            if not before or domain in KNOWN:
                continue
            note = len(before), round(entropy(before), 3)
            for pace, names in zip(PACES, self._names, strict=True):
                found = names.add((source, domain), before, time, note)
                if found is None:
                    continue
                octets, bits = fmean(length for length, _ in found), fmean(each for _, each in found)
                if octets < LEAST_OCTETS or bits < LEAST_BITS or not self._told.tell((source, domain), time):
                    continue
                minutes = pace.period // (60 * SECOND)
                yield Detection(
                    self.about, (row,),
                    f"{source} asked for {len(found)} different names below {domain} within {minutes} minutes"
                    f" ({pace.name}), {octets:.0f} characters of {bits:.1f} bits each on average",
                    f"{source} 在 {minutes} 分钟内查询 {domain} 下 {len(found)} 个不同子域名，"
                    f"平均 {octets:.0f} 字符、每字符 {bits:.1f} 比特",
                    f'source.ip:"{source}" AND dns.question.name:*.{domain}',
                )  # fmt: skip

    def dump(self) -> State:
        """As in `Detector`."""
        return {"names": [names.dump() for names in self._names], "told": self._told.dump()}

    def load(self, state: State) -> None:
        """As in `Detector`."""
        for names, said in zip(self._names, state["names"], strict=True):
            names.load(said)
        self._told.load(state["told"])

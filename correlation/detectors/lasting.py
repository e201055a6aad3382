"""Long connections: a host holds one open to abroad for hours, as remote control does."""

from collections.abc import Iterator
from typing import Final

from correlation.detectors.memory import Quiet
from correlation.detectors.model import Detection, State
from correlation.detectors.places import Places
from correlation.detectors.reading import FLOWS, ONE_WAY, Reading
from correlation.rules.model import Described
from sensors.event.times import SECOND

LEAST: Final = 4 * 3_600 * SECOND
_DAY: Final = 86_400 * SECOND


class Lasting:
    """Looks at flows from inside to abroad."""

    about = Described(
        id="cc526bd7-9672-5296-b524-b0879ff3d94e",
        name="long_connection",
        title="A connection abroad was open for hours",
        title_zh="对外连接持续数小时",
        level="low",
        tags=("attack.command-and-control", "attack.t1572"),
    )
    datasets = FLOWS | ONE_WAY
    given_up = 0

    def __init__(self, places: Places) -> None:
        self._places = places
        self._told = Quiet(_DAY)

    def look(self, reading: Reading) -> Iterator[Detection]:
        """As in `Detector`."""
        for flow in reading.conversations:
            if flow.duration < LEAST or flow.futile or not self._places.leaves(flow.source, flow.destination):
                continue
            if not self._told.tell((flow.source, flow.destination, flow.port), flow.time):
                continue
            sent, received = flow.sent + flow.earlier[0], flow.received + flow.earlier[1]
            hours = flow.duration / (3_600 * SECOND)
            what = f"{flow.source} → {flow.destination}:{flow.port or flow.transport}"
            yield Detection(
                self.about, (flow.row,),
                f"{what} was open for {hours:.1f} hours, {sent:,} bytes out, {received:,} in",
                f"{what} 持续 {hours:.1f} 小时，发出 {sent:,} 字节，收到 {received:,} 字节",
                f'source.ip:"{flow.source}" AND destination.ip:"{flow.destination}"',
            )  # fmt: skip

    def dump(self) -> State:
        """As in `Detector`."""
        return {"told": self._told.dump()}

    def load(self, state: State) -> None:
        """As in `Detector`."""
        self._told.load(state["told"])

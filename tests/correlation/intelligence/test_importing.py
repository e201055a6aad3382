from pathlib import Path

from correlation.intelligence.book import IndicatorBook
from correlation.intelligence.errors import IndicatorUnusable
from correlation.intelligence.importing import Imported, import_portions
from correlation.intelligence.model import Portion
from sensors.errors import Problem  # noqa: TC001 - as everywhere, for readers
from tests.correlation.intelligence.making import make


def test_portions_are_entered_and_problems_told(tmp_path: Path) -> None:
    told: list[Problem] = []
    wrong = IndicatorUnusable(value="x", reason="indicator-kind-unknown")
    portions = [
        Portion((make("a.example", id="1"), make("b.example")), (wrong,)),
        Portion((), (), (("synthetic", "1"),)),
    ]
    done = import_portions(IndicatorBook(tmp_path), portions, told.append)
    assert (done, told) == (Imported(2, 0, 1, 1), [wrong])

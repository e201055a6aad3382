"""What was stored before an indicator came is looked at again, and told once."""

from pathlib import Path

import pytest

from cli.house import House
from cli.parts.again import WithLookingAgain
from cli.settings import load_settings
from sensors.event.times import from_iso
from tests.cli.conftest import access_line
from tests.correlation.intelligence.making import make

NOW = from_iso("2026-11-23T00:00:00Z")
EXCEPTIONS = """
exceptions:
- id: scanner
  rules: [5d0c2f7e-6f0b-4b86-9a37-1c7a0f6f3a51]
  fields: {source.ip: 45.155.205.8}
  owner: Li Wei
  reason: made for this test
  end: 2999-12-31
"""


@pytest.fixture
def house(tmp_path: Path) -> WithLookingAgain:
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    (tmp_path / "exceptions.yml").write_text(EXCEPTIONS, encoding="utf-8")
    (data / "hanwatch.yml").write_text(f"rules: {{exceptions: [{tmp_path / 'exceptions.yml'}]}}\n", encoding="utf-8")
    lines = [access_line(second, client=f"45.155.205.{second}") for second in (7, 8, 9)]
    log = tmp_path / "access.log"
    log.write_text("".join([*lines, lines[0].replace("22/Nov", "02/Nov")]), encoding="utf-8")
    settings = load_settings(data=data, environment={})
    with House(settings) as whole:
        list(whole.intake.take([log]))
        whole.correlator(whole.rules()).drain()
        assert whole.book.page().total == 0
    made = WithLookingAgain(settings)
    made.clock = lambda: NOW
    return made


def test_stored_events_are_told_of_once_when_their_indicators_come(house: WithLookingAgain) -> None:
    def told() -> list[tuple[str, str]]:
        house.looking_again().wait(0.5)
        alerts = house.book.page().alerts
        return sorted((one.level, one.evidence[0].summary["source.ip"]) for one in alerts)

    with house:
        assert told() == []
        house.indicators.add([make("45.155.205.7", seen=NOW)])
        assert told() == [("high", "45.155.205.7")], "the one of three weeks ago is too old"
        house.indicators.add([make(f"45.155.205.{end}", seen=NOW) for end in (8, 9)])
        both = [("high", "45.155.205.7"), ("high", "45.155.205.9")]
        assert told() == both, "8 is excepted, and 7 was told before"
        assert told() == both

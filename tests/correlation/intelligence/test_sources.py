from pathlib import Path

import orjson
import pytest

from correlation.intelligence.sources import Source, is_address, source_of, sources_of
from correlation.settings import FeedKind, FeedSettings, IntelligenceSettings
from tests.correlation.intelligence.serving import Publisher, uuid
from tests.correlation.matcher.making import NOON

MISP = FeedSettings("https://misp.example/osint/", "misp", "osint", "env:OSINT_FEED")
FILE = FeedSettings("https://a.example/x.csv?key=hidden", "file")
SETTINGS = IntelligenceSettings(files=(Path("feeds/ncc.csv"),), feeds=(MISP, FILE))


def test_those_of_the_settings_files_first() -> None:
    found = sources_of(SETTINGS)
    assert [(one.name, one.kind) for one in found] == [
        ("feeds/ncc.csv", "path"), ("https://misp.example/osint", "misp"), ("https://a.example/x.csv", "file"),
    ]  # fmt: skip


def test_what_the_settings_say_of_an_address_is_for_this_address_only() -> None:
    assert source_of(SETTINGS, "https://misp.example/osint").feed == MISP
    other = source_of(SETTINGS, "https://misp.example/osint2/")
    assert (other.kind, other.feed) == ("taxii", FeedSettings("https://misp.example/osint2/"))


def test_who_provides_and_how_sure() -> None:
    def said(source: Source, **more: object) -> tuple[str, bool, int, int | None]:
        assumed = source.assumed(SETTINGS, NOON, **more)  # type: ignore[arg-type]
        return assumed.provider, assumed.stated, assumed.confidence, assumed.forced

    path, misp, file = sources_of(SETTINGS)
    collection = source_of(SETTINGS, "https://taxii.example/c/1/")
    assert said(path) == ("ncc", False, 75, None)
    assert said(misp) == ("osint", True, 75, None)
    assert said(file) == ("a.example", False, 75, None)
    assert said(collection) == ("taxii.example", True, 75, None)
    assert said(path, provider="mine", confidence=20) == ("mine", True, 20, 20)


@pytest.mark.parametrize("kind", ["taxii", "misp", "file"])
def test_each_kind_is_read_and_read_on_by_its_own_position(publisher: Publisher, kind: FeedKind) -> None:
    stix = {"type": "indicator", "id": "indicator--1", "pattern": "[domain-name:value = 'a.example']"}
    added = {"X-TAXII-Date-Added-Last": "2026-01-01T00:00:00Z"}
    first = "/feed/objects/?limit=2000&match%5Btype%5D=indicator%2Cidentity%2Cmarking-definition"
    publisher.publish(first, {"objects": [stix]}, headers=added)
    publisher.publish(f"{first}&added_after=2026-01-01T00%3A00%3A00Z", {})
    publisher.publish_misp("/feed/", {uuid(1): ("1", ["a.example"])})
    publisher.publish("/feed/", [stix], headers={"ETag": '"1"'})
    url = publisher.url("/feed/")
    source = source_of(IntelligenceSettings(feeds=(FeedSettings(url, kind),)), url)
    assumed = source.assumed(SETTINGS, NOON)
    portions = list(source.portions("", assumed))
    assert [one.value for portion in portions for one in portion.indicators] == ["a.example"]
    assert portions[-1].position
    again = list(source.portions(portions[-1].position, assumed))
    assert [one for portion in again for one in portion.indicators] == []


def test_what_a_collection_holds_that_cannot_be_used_names_no_key(publisher: Publisher) -> None:
    asked = "/c/objects/?key=hidden&limit=2000&match%5Btype%5D=indicator%2Cidentity%2Cmarking-definition"
    publisher.publish(asked, {"objects": [{"type": "indicator", "id": "indicator--1", "pattern": "nonsense"}]})
    source = source_of(SETTINGS, publisher.url("/c/?key=hidden"))
    problems = [str(one) for portion in source.portions("", source.assumed(SETTINGS, NOON)) for one in portion.problems]
    assert len(problems) == 1
    assert "hidden" not in problems[0]


def test_a_file_is_a_source(tmp_path: Path) -> None:
    stix = {"type": "indicator", "pattern": "[url:value = 'http://a.example/']"}
    (tmp_path / "a.json").write_bytes(orjson.dumps([stix]))
    source = source_of(SETTINGS, str(tmp_path / "a.json"))
    portions = list(source.portions("", source.assumed(SETTINGS, NOON)))
    assert [one.provider for portion in portions for one in portion.indicators] == ["a"]


def test_addresses() -> None:
    assert is_address("HTTPS://a.example/")
    assert not is_address("feed.csv")

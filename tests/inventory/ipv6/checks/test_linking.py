"""C1, C2 and D2 against a real site: links that answer, that do not, and that are dead over both families."""

from inventory.ipv6.model import Outcome
from tests.inventory.ipv6.synthetic import APEX, HOME, PLAIN, V4, WWW, City
from tests.inventory.serving import Page


def told(outcome: Outcome) -> tuple[str, float, list[tuple[str, str]]]:
    return outcome.status, round(outcome.rate, 3), [(fault.reason, fault.subject) for fault in outcome.faults]


def test_a_link_that_only_ipv4_has(city: City) -> None:
    del city.pages["/about/"]
    outcomes = city.outcomes()
    assert told(outcomes["C1"]) == ("partial", 0.5, [("status", f"https://{WWW}/about/")])
    assert outcomes["C2"].status == "pass", "what is behind it cannot be known"


def test_a_link_that_nobody_has_is_no_matter_of_ipv6(city: City) -> None:
    del city.pages["/about/"], city.pages4["/about/"]
    assert told(city.outcomes()["C1"]) == ("pass", 1.0, [])


def test_where_ipv4_is_not_there_every_dead_link_counts(city: City) -> None:
    for port in (80, 443):
        city.shut(city.web[4, port])
    del city.pages["/about/"]
    outcomes = city.outcomes()
    assert outcomes["C1"].rate == 0.5
    assert (outcomes["D1"].status, outcomes["E4"].status) == ("unknown", "unknown")


def test_a_link_of_the_third_level(city: City) -> None:
    del city.pages["/news/2"]
    outcomes = city.outcomes()
    assert told(outcomes["C1"]) == ("pass", 1.0, [])
    assert told(outcomes["C2"]) == ("partial", 0.667, [("status", f"https://{WWW}/news/2")])


def test_links_of_a_host_without_ipv6_are_one_record(city: City) -> None:
    city.zone.put(f"old.{APEX}", "A", V4)
    links = "".join(f'<a href="https://old.{APEX}/news/{number}">x</a>' for number in (1, 2))
    city.both("/", Page(HOME.format(**PLAIN) + links))
    outcome = city.outcomes()["C1"]
    assert told(outcome) == ("partial", 0.5, [("no-record", f"old.{APEX}")] * 2)


def test_links_elsewhere_are_not_asked(city: City) -> None:
    city.outcomes()
    hosts = {host for server in city.web.values() for host, _ in server.asked}
    assert hosts == {WWW}


def test_a_page_without_links(city: City) -> None:
    city.both("/", Page("nothing"))
    outcomes = city.outcomes()
    assert [outcomes[check].status for check in ("C1", "C2", "D2", "E5")] == ["n/a"] * 4


def test_a_script_that_only_ipv4_has(city: City) -> None:
    del city.pages["/s.js"]
    assert told(city.outcomes()["D2"]) == ("partial", 0.667, [("status", f"https://{WWW}/s.js")])


def test_all_parts_are_missing(city: City) -> None:
    for path in ("/s.js", "/s.css", "/logo.png"):
        del city.pages[path]
    assert city.outcomes()["D2"].status == "fail"


def test_of_thousands_of_links_a_sample_is_tried_the_same_each_time(city: City) -> None:
    links = "".join(f'<a href="/n/{number}">x</a>' for number in range(2_000))
    city.both("/", Page(HOME.format(**PLAIN) + links))
    one, again, other = (city.look(seed=number).second for number in (1, 1, 2))
    assert one.found == 2_002
    assert len(one.tried) == 20
    urls = [[reached.url for reached in links.tried] for links in (one, again, other)]
    assert urls[0] == urls[1] != urls[2]

"""What has to be mended, by whom, in which order."""

from dataclasses import replace

import pytest

from inventory.ipv6.checks.registry import judged
from inventory.ipv6.findings import findings
from inventory.ipv6.model import Fault
from inventory.ipv6.profiles import profiles
from inventory.ipv6.repairs import Repair, mender_of, provider_of, repairs
from tests.inventory.ipv6.synthetic import APEX, HOME, PLAIN, V4, WWW, City
from tests.inventory.ipv6.values import HOST, lookup, measurement
from tests.inventory.serving import Page


def mended(city: City) -> tuple[Repair, ...]:
    seen = city.look()
    return repairs(seen, findings(seen, judged(seen), profiles()["cac-like"]))


def test_many_links_of_one_host_are_one_record(city: City) -> None:
    city.zone.put(f"old.{APEX}", "A", V4)
    links = "".join(f'<a href="https://old.{APEX}/news/{number}">x</a>' for number in (1, 2))
    city.both("/", Page(HOME.format(**PLAIN) + links))
    del city.pages["/s.js"]
    one, other = mended(city)
    assert (one.mender, one.reason, one.subject) == ("owner", "status", f"https://{WWW}/s.js")
    assert (other.mender, other.reason, other.subject) == ("dns", "no-record", f"old.{APEX}")
    assert other.points == pytest.approx(15 / 2)
    assert len(other.mends) == 1, "both links are one finding"


def test_what_brings_most_comes_first_for_each_who_can_mend(city: City) -> None:
    city.zone.drop(f"ns2.{APEX}", "AAAA")
    city.zone.drop(WWW, "AAAA")
    found = mended(city)
    assert [(one.mender, one.reason) for one in found] == [("dns", "no-record"), ("dns", "server-no-record")]
    assert found[0].points > found[1].points


@pytest.mark.parametrize(
    ("chain", "reason", "mender"),
    [
        ((), "no-record", "dns"),
        ((), "refused", "owner"),
        ((), "status", "owner"),
        (("www.example.gov.cn.w.kunlunaq.com",), "no-record", "cdn"),
        (("a.example.net", "x.cloudfront.net"), "refused", "cdn"),
        (("lb.myhuaweicloud.com",), "timeout", "cloud"),
        (("lb.myhuaweicloud.com",), "content-differs", "owner"),
        (("lb.myhuaweicloud.com.example.net",), "no-record", "dns"),
        (("notcloudfront.net",), "no-record", "dns"),
    ],
)
def test_who_can_mend(chain: tuple[str, ...], reason: str, mender: str) -> None:
    seen = replace(measurement(), known=(lookup(HOST, "A", V4, chain=chain),))
    assert mender_of(seen, Fault(reason, HOST, HOST)) == mender


def test_providers_are_known_by_their_domains() -> None:
    assert provider_of(["a.aliyuncs.com"]) == "cloud"
    assert provider_of(["aliyuncs.com"]) == "cloud"
    assert provider_of([]) is None

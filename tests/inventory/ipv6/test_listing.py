"""What is listed beside the score."""

from inventory.ipv6.listing import listed
from tests.inventory.ipv6.synthetic import APEX, HOME, OTHER6, PLAIN, V6, WWW, City
from tests.inventory.serving import Page, WebServer


def topics(city: City) -> dict[tuple[str, str], str]:
    return {(one.topic, one.subject): one.state for one in listed(city.look())}


def test_a_site_that_has_nothing_of_it(city: City) -> None:
    assert topics(city) == {
        ("dnssec", APEX): "no", ("http3", WWW): "no", ("elsewhere", "elsewhere.example.org"): "no",
    }  # fmt: skip


def test_a_site_that_has_everything(city: City) -> None:
    city.zone.put(APEX, "MX", f"10 mail.{APEX}.", f"20 old.{APEX}.")
    city.zone.put(f"mail.{APEX}", "AAAA", OTHER6)
    city.zone.put(f"old.{APEX}", "A", "202.103.24.80")
    city.zone.put(APEX, "TXT", '"v=spf1 ip6:240e:3a1::/32 -all"', '"other"')
    city.zone.put(APEX, "DS", "12345 8 2 " + "ab" * 32)
    city.zone.put("elsewhere.example.org", "AAAA", OTHER6)
    headers = (("Content-Type", "text/html"), ("Alt-Svc", 'h3=":443"; ma=86400'))
    city.both("/", Page(HOME.format(**PLAIN), headers=headers))
    city.serve(WebServer(V6, 8080, {}))
    assert topics(city) == {
        ("port", f"{WWW} TCP 8080"): "yes", ("mail", f"mail.{APEX}"): "yes", ("mail", f"old.{APEX}"): "no",
        ("spf", APEX): "yes", ("dnssec", APEX): "yes", ("http3", WWW): "yes",
        ("elsewhere", "elsewhere.example.org"): "yes",
    }  # fmt: skip


def test_http3_by_dns_alone(city: City) -> None:
    city.zone.put(WWW, "HTTPS", "1 . alpn=h2,h3")
    assert topics(city)["http3", WWW] == "yes"

"""What the network of this machine refuses, whoever asks, and which resolvers it has."""

import time
from pathlib import Path

from inventory.probing.dialing import trust
from inventory.probing.model import Limits
from inventory.probing.network import SystemNetwork, configured_resolvers
from tests.inventory.serving import NameServer, Page, WebServer, Zone


def test_nothing_is_sent_to_this_machine() -> None:
    web = WebServer("127.0.0.1", 0, {"/": Page("secret")})
    zone = Zone()
    names = NameServer(zone, "127.0.0.1", port=0)
    network = SystemNetwork((), trust(), time.time_ns, Limits())
    done = network.fetch(f"http://www.example.gov.cn:{web.port}/", 4, "127.0.0.1")
    assert (done.failure, done.body) == ("address-refused", b"")
    assert network.dial("127.0.0.1", web.port).failure == "address-refused"
    assert network.ask(names.place, "www.example.gov.cn", "SOA").detail == "address-refused"
    assert network.ask("127.0.0.1", "www.example.gov.cn", "SOA").detail == "address-refused"
    assert (web.asked, zone.asked) == ([], [])
    web.close()
    names.close()


def test_a_resolver_may_stand_here() -> None:
    names = NameServer(Zone(), "127.0.0.1", port=0)
    network = SystemNetwork((names.place,), trust(), time.time_ns, Limits())
    assert network.ask(names.place, "www.example.gov.cn", "AAAA").told == "no-name"
    names.close()


def test_the_systems_resolvers(tmp_path: Path) -> None:
    file = tmp_path / "resolv.conf"
    file.write_text("# x\nsearch a\nnameserver 192.0.2.1\nnameserver\nnameserver 2001:db8::1 # y\n")
    assert configured_resolvers(file) == ("192.0.2.1", "2001:db8::1")
    assert configured_resolvers(tmp_path / "none") == ()

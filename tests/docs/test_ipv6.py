"""The commands of docs/ipv6.md are run as they stand, in a network where what they name is there and nothing else."""

import sys
from pathlib import Path

import pytest

from cli.main import main
from inventory.ipv6.settings import usual_measures
from inventory.probing.network import SystemNetwork
from tests.docs.test_commands import _commands
from tests.inventory.ipv6.synthetic import APEX, CONTROL, V4, City, synthetic_city
from tests.inventory.serving import NameServer
from tests.namespaces import ip

PAGE = "docs/ipv6.md"
RESOLVERS = ("223.5.5.5", "119.29.29.29")


def test_the_commands_do_what_the_page_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(SystemNetwork, "wait", lambda _self, _seconds: None)
    monkeypatch.setenv("HANWATCH_LANG", "en")
    with synthetic_city(tmp_path) as city:
        _named_by_the_page(city, monkeypatch)
        tried = 0
        for command in _commands(PAGE):
            monkeypatch.setattr(sys, "argv", command)
            with pytest.raises(SystemExit) as ended:
                main()
            said = capfd.readouterr()
            assert ended.value.code == 1, (command, said.err)
            assert "Add an AAAA record: zwgk.example.gov.cn" in said.out
            tried += 1
        assert tried >= 3


def _named_by_the_page(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the page speaks of: public resolvers, a site that is whole, one that has no IPv6, and a file of both."""
    for address in RESOLVERS:
        ip("addr", "add", f"{address}/32", "dev", "lo")
        city.serve(NameServer(city.zone, address))
    for name in usual_measures().controls:
        city.zone.put(name, "AAAA", CONTROL)
    city.zone.put(f"zwgk.{APEX}", "A", V4)
    Path("sites.csv").write_text(
        f"name,url,unit\n门户,https://www.{APEX}/,甲局\n政务公开,http://zwgk.{APEX}/,乙局\n", encoding="utf-8"
    )
    monkeypatch.setenv("SSL_CERT_FILE", str(city.authority.file))

"""What the rules of the pack find in the capture that `hanwatch run --demo` replays."""

from pathlib import Path

import pytest

from cli.demo import HOUR, write_samples
from correlation.matcher.engine import Matcher
from correlation.rules.loading import load_rules
from sensors.event.model import Source
from sensors.event.times import SECOND
from sensors.reading.detection import detect
from sensors.reading.model import Position

PACK = Path(__file__).parents[2] / "correlation" / "pack"
NOW = 1_795_136_400 * SECOND
FOUND = {
    "dns_tunnel_long_name": 20,
    "thinkphp_remote_code_execution": 1,
    "path_traversal_answered": 1,
    "sql_injection_attempt": 1,
    "scanner_user_agent": 1,
    "log4shell_probe": 1,
    "webshell_in_upload_folder": 2,
    "admin_protocols_from_outside": 1,
    "cleartext_administration_telnet": 1,
    "controller_port_from_outside": 1,
    "tls_obsolete_version": 1,
    "cobalt_strike_default_certificate": 3,
    "teredo_flow": 1,
    "smb_to_outside": 1,
    "router_advertisement_unknown_prefix": 3,
}
"""Rules by their file's name, and how many events of the capture each of them matches."""


def test_the_rules_find_the_incidents_in_the_capture_and_nothing_else(tmp_path: Path) -> None:
    pytest.importorskip("scapy", reason="crafting needs scapy, an optional part")
    (capture,) = [path for path in write_samples(tmp_path, NOW) if path.suffix == ".pcap"]
    loaded = load_rules([PACK])
    assert not loaded.problems
    matcher = Matcher(loaded.telling)
    source = Source("11" * 16, "capture", capture.name)
    portions = list(detect(capture).portions(capture, source, Position(), NOW))
    found: dict[str, int] = {}
    moments: list[int] = []
    for portion in portions:
        assert not portion.rejects
        for batch in portion.batches:
            moments += batch.times.tolist()
            for match in matcher.match(batch):
                for rule in match.rules:
                    name = Path(rule.path).stem
                    found[name] = found.get(name, 0) + 1
    assert found == FOUND
    assert NOW - HOUR < min(moments) <= max(moments) < NOW

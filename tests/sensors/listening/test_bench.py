from pathlib import Path

from sensors.listening.bench import FLOW_RATES, UDP_RATES, bench


def test_every_listener_is_measured_and_counts_what_was_sent(tmp_path: Path) -> None:
    results = list(bench(tmp_path, 2_000))
    names = [result["bench"] for result in results]
    own = [result for result in results if result["bench"].startswith("listeners.")]
    assert len(own) == len(UDP_RATES) + len(FLOW_RATES) + 2
    assert names[-1] == "peer.rsyslogd"
    for result in own:
        assert result["events"] + result["lost"] == result["sent"]
        assert result["events"] > 0
        assert result["cpu_seconds"] > 0

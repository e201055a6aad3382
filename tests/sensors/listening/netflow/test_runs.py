"""Runs of plain packets: which packets are in one, and that no other is."""

from sensors.listening.netflow.runs import LEAST_PACKETS, Run, runs
from tests.sensors.listening.netflow.packets import EXPORTED, FLOW, UPTIME, flow, template, version_5, version_9


def plain(sequence: int, number: int = 256, domain: int = 1) -> bytes:
    return version_9(sequence, (number, flow(sequence & 0xFFFF)), domain=domain)


def bounds(packets: list[bytes]) -> list[tuple[int, int]]:
    return [(run.begin, run.end) for run in runs(packets)]


def test_packets_that_follow_each_other_are_a_run() -> None:
    numbers = [(0xFFFF_FFFC + step) & 0xFFFF_FFFF for step in range(LEAST_PACKETS)]
    assert list(runs(list(map(plain, numbers)))) == [
        Run(
            0, LEAST_PACKETS, 1, 256, 0xFFFF_FFFC, [flow(number & 0xFFFF) for number in numbers],
            [EXPORTED * 1_000_000_000] * LEAST_PACKETS, [UPTIME] * LEAST_PACKETS,
        )
    ]  # fmt: skip


def test_a_run_ends_where_number_set_or_source_id_is_another() -> None:
    packets = [plain(1), plain(2), plain(4), plain(5, 300), plain(6, 300), plain(7, 300, 2), plain(8, 300, 2), plain(8)]
    assert bounds(packets) == [(0, 2), (2, 3), (3, 5), (5, 7), (7, 8)]


def test_what_is_not_plain_is_in_no_run() -> None:
    odd = [
        version_9(2, (0, template(256, FLOW))), version_9(2, (256, flow(1)), (256, flow(2))), plain(2)[:-1],
        plain(2) + b"\0", version_9(2), version_9(2, (256, b""))[:-1], version_5(2, 1), b"", version_9(2, (255, b"x")),
    ]  # fmt: skip
    for one in odd:
        assert bounds([plain(1), one, *map(plain, range(3, 9))]) == [(0, 1), (2, 8)]


def test_few_packets_are_no_run() -> None:
    assert not bounds(list(map(plain, range(LEAST_PACKETS - 1))))

"""A sender for measurements, in a process of its own: messages at a steady rate or as fast as they are taken.

`python -m sensors.listening.sending KIND PORT COUNT RATE FILE`: datagrams, lines of a stream or HTTP bodies out of a
file's lines, over and over; RATE is messages a second, 0 for as many as go.
"""

import http.client
import os
import socket
import struct
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path
from threading import Thread

TICK_SECONDS = 0.005
STREAMS = 4
"""Connections of a stream or of HTTP."""
CHUNK_LINES = 500
BULK_DOCUMENTS = 1_000
RECORDS = 30
"""Flow records in a packet, as many as fit an Ethernet frame."""
TOKEN = "a-token-for-measuring"  # noqa: S105 - of a listener on loopback that lives as long as the measurement

_FIELDS = ((8, 4), (12, 4), (7, 2), (11, 2), (4, 1), (6, 1), (5, 1), (1, 4), (2, 4), (22, 4), (21, 4), (10, 2))
_RECORD = struct.Struct(">IIHHBBBIIIIH")


def main() -> None:
    """Send what the arguments say; prints the seconds that it took."""
    kind, port, count, rate, file = sys.argv[1:]
    if hasattr(os, "sched_setaffinity"):
        # Another core than the one that is measured, where there is one.
        measured = os.sched_getaffinity(os.getppid())
        others = set(range(os.cpu_count() or 1)) - measured
        os.sched_setaffinity(0, others or measured)
    begun = time.perf_counter()
    _KINDS[kind](int(port), int(count), int(rate), Path(file))
    sys.stdout.write(f"{time.perf_counter() - begun}\n")


def _udp(port: int, count: int, rate: int, file: Path) -> None:
    _datagrams(port, cycle(file.read_bytes().splitlines()), count, rate)


def _netflow(port: int, count: int, rate: int, file: Path) -> None:
    del file
    _datagrams(port, flow_packets(), -(-count // RECORDS), rate // RECORDS)


def _datagrams(port: int, packets: Iterator[bytes], count: int, rate: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.connect(("127.0.0.1", port))
        send = sender.send
        begun = time.perf_counter()
        sent = 0
        while sent < count:
            due = count if not rate else min(count, int((time.perf_counter() - begun + TICK_SECONDS) * rate))
            for packet in islice(packets, due - sent):
                send(packet)
            sent = max(sent, due)
            if rate and sent < count:
                time.sleep(max(0.0, begun + sent / rate - TICK_SECONDS - time.perf_counter()))


def flow_packets() -> Iterator[bytes]:
    """Packets of NetFlow v9 without end, the template in the first and in every thousandth."""
    layout = struct.pack(">HH", 256, len(_FIELDS)) + b"".join(struct.pack(">HH", *field) for field in _FIELDS)
    template = struct.pack(">HH", 0, 4 + len(layout)) + layout
    sets = []
    for index in range(100):
        records = b"".join(
            _RECORD.pack(
                0x0A00_0000 + (index * 7_919 + row * 104_729) % 65_536, 0xC000_0200 + row,
                1_024 + index * RECORDS + row, 443, 6, 27, 0, 1_000 * row, row + 1, 90_000, 95_000, 3,
            )
            for row in range(RECORDS)
        )  # fmt: skip
        sets.append(struct.pack(">HH", 256, 4 + len(records)) + records)
    seconds = 1_795_334_400
    for sequence, content in enumerate(cycle(sets)):
        header = struct.pack(">HHIIII", 9, RECORDS, 100_000, seconds, sequence & 0xFFFF_FFFF, 1)
        yield header + (template if sequence % 1_000 == 0 else b"") + content


def _tcp(port: int, count: int, rate: int, file: Path) -> None:
    del rate
    lines = file.read_bytes().splitlines(keepends=True)
    size = min(CHUNK_LINES, count)
    chunks = [b"".join(lines[at : at + size]) for at in range(0, len(lines) - size + 1, size)]

    def send(chosen: Sequence[bytes]) -> None:
        with socket.create_connection(("127.0.0.1", port)) as sender:
            for chunk in chosen:
                sender.sendall(chunk)

    _together(send, list(islice(cycle(chunks), count // size)))


def _http(port: int, count: int, rate: int, file: Path) -> None:
    del rate
    documents = file.read_bytes().splitlines(keepends=True)
    size = min(BULK_DOCUMENTS, count)
    bodies = [
        b"".join(b'{"create":{"_index":"logs"}}\n' + document for document in documents[at : at + size])
        for at in range(0, len(documents) - size + 1, size)
    ]
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/x-ndjson"}

    def send(chosen: Sequence[bytes]) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        for body in chosen:
            connection.request("POST", "/_bulk", body, headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                raise RuntimeError(f"status {answer.status}")
        connection.close()

    _together(send, list(islice(cycle(bodies), count // size)))


def _together(send: Callable[[Sequence[bytes]], None], pieces: Sequence[bytes]) -> None:
    threads = [Thread(target=send, args=(pieces[number::STREAMS],)) for number in range(STREAMS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


_KINDS: dict[str, Callable[[int, int, int, Path], None]] = {
    "syslog.udp": _udp,
    "syslog.tcp": _tcp,
    "netflow": _netflow,
    "http": _http,
}

if __name__ == "__main__":
    main()

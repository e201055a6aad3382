"""How fast this machine is at the moment: a fixed piece of work, so that figures of different hours can be compared.

The speed of a shared machine moves by a factor of two from hour to hour, and a rate alone does not show it. The work is
of the kind that the product does: JSON taken apart, texts hashed and looked up, values put in order.
"""

import time
from hashlib import blake2b
from typing import Final

import orjson

ROUNDS: Final = 12
"""Of the work, a few hundredths of a second each; the median counts."""
DOCUMENTS: Final = 4_000


def pace() -> float:
    """How often the work is done in a CPU second."""
    lines = [_document(number) for number in range(DOCUMENTS)]
    spent = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        _work(lines)
        spent.append(time.process_time() - begun)
    return 1 / sorted(spent)[ROUNDS // 2]


def _document(number: int) -> bytes:
    host = f"host-{number % 97}.example"
    return orjson.dumps({
        "@timestamp": f"2026-11-23T08:{number % 60:02}:00.000Z",
        "host": {"name": host},
        "source": {"ip": f"192.0.2.{number % 251}", "port": 1_024 + number},
        "url": {"domain": host, "original": f"/list/{number % 1_009}.html?page={number}"},
        "message": "connection accepted by the portal " * 4,
    })


def _work(lines: list[bytes]) -> int:
    seen: dict[str, int] = {}
    total = 0
    for line in lines:
        found = orjson.loads(line)
        key = f"{found['host']['name']} {found['url']['original'].lower()}"
        seen[key] = seen.get(key, 0) + 1
        total += blake2b(line, digest_size=16).digest()[0]
    return total + len(sorted(seen))

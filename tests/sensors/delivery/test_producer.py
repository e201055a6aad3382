"""Producers and a consumer are killed at random moments, again and again: nothing is lost, nothing counted twice.

KILLS says how often (30 if it is not set).
"""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from random import Random

from sensors.delivery.ledger import EVENTS, RECORDS
from sensors.delivery.ports import STORE
from sensors.delivery.report import verdict
from sensors.delivery.spool import EmbeddedSpool
from sensors.settings import SpoolSettings
from tests.sensors.delivery.making import ticking

KILLS = int(os.environ.get("KILLS", "30"))

# Reads its files in turns, four lines at a time, and goes on from where the spool says whenever it is told off.
PRODUCE = """
import sys
from pathlib import Path
from sensors.delivery.errors import Superseded
from sensors.delivery.spool import EmbeddedSpool
from sensors.reading.model import Position
from sensors.settings import SpoolSettings
from tests.sensors.delivery.making import portion_of_file

spool = EmbeddedSpool(Path(sys.argv[1]), SpoolSettings(min_free_bytes=0, segment_bytes=100_000), lambda: 0)
print("ready", flush=True)
waiting = [Path(name) for name in sys.argv[2:]]
while waiting:
    path = waiting.pop(0)
    source, position = spool.find_source(path)
    begun = position or Position()
    if begun.offset == path.stat().st_size:
        continue
    try:
        spool.append(source, "lines", portion_of_file(path, source, begun, 4), begun)
    except Superseded:
        pass
    waiting.append(path)
"""

# A store that keeps ids once, and gives the same answer when a record is handed over again.
CONSUME = """
import sqlite3, sys
from pathlib import Path
from sensors.delivery.ledger import EVENTS
from sensors.delivery.ports import STORE, Outcome
from sensors.delivery.spool import EmbeddedSpool
from sensors.settings import SpoolSettings

spool = EmbeddedSpool(Path(sys.argv[1]), SpoolSettings(min_free_bytes=0, keep_hours=0), lambda: 3_600_000_000_000)
store = sqlite3.connect(sys.argv[2], isolation_level=None, timeout=30)
store.execute("CREATE TABLE IF NOT EXISTS seen (id TEXT PRIMARY KEY, sequence INTEGER)")
with spool.lease("correlator"):
    print("ready", flush=True)
    while True:
        spool.wait_for_records(STORE)
        outcomes = []
        store.execute("BEGIN IMMEDIATE")
        for record in spool.read(STORE, 50):
            rows = [(identity, record.sequence) for batch in record.batches for identity in batch.ids]
            store.executemany("INSERT OR IGNORE INTO seen VALUES (?, ?)", rows)
            (stored,) = store.execute("SELECT count(*) FROM seen WHERE sequence = ?", (record.sequence,)).fetchone()
            counts = {(EVENTS, "stored"): stored, (EVENTS, "duplicate"): record.events - stored}
            outcomes.append(Outcome(record.sequence, counts))
        store.execute("COMMIT")
        spool.acknowledge(STORE, outcomes)
        spool.retain()
"""


def start(program: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program, *map(str, arguments)],
        stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": "."},
    )


def ready(process: subprocess.Popen[str]) -> None:
    assert process.stdout
    assert process.stdout.readline() == "ready\n"


def kill(process: subprocess.Popen[str]) -> bool:
    """Kill a process; False if it had ended by itself."""
    alive = process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait(30)
    assert process.stdout
    process.stdout.close()
    return alive


def test_killing_producers_and_consumer_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    random = Random(20_261_122)
    # Two begin alike over more than a fingerprint, one is nothing but the beginning of another.
    head = b"".join(b"the same %05d\n" % number for number in range(400))
    own = [b"".join(b"%d %06d\n" % (name, n) for n in range(100 * KILLS)) for name in range(3)]
    files = []
    for name, content in enumerate([own[0], head + own[1], head + own[2], own[0][:63]]):
        files.append(tmp_path / f"{name}.log")
        files[-1].write_bytes(content)
    spool_folder, store_file = tmp_path / "spool", tmp_path / "store.db"
    with EmbeddedSpool(spool_folder, SpoolSettings(), ticking()):
        pass

    in_the_middle = 0
    for _ in range(KILLS):
        producers = [start(PRODUCE, spool_folder, *files[:2]), start(PRODUCE, spool_folder, *files[1:])]
        processes = [*producers, start(CONSUME, spool_folder, store_file)]
        for process in processes:
            ready(process)
        time.sleep(random.uniform(0.0, 0.15))
        random.shuffle(processes)
        killed = [process for process in processes if kill(process)]
        in_the_middle += any(producer in killed for producer in producers)
    assert in_the_middle > KILLS // 2, "the work must last longer than the killing"

    consumer = start(CONSUME, spool_folder, store_file)
    ready(consumer)
    producer = start(PRODUCE, spool_folder, *files)
    ready(producer)
    assert producer.wait(300) == 0
    assert producer.stdout
    producer.stdout.close()

    with EmbeddedSpool(spool_folder, SpoolSettings(min_free_bytes=0), ticking()) as spool:
        ((last,),) = spool._database.rows("SELECT max(last_sequence) FROM sources")
        assert spool.wait(STORE, last, timeout=300)
        kill(consumer)
        lines = sum(file.read_bytes().count(b"\n") for file in files)
        counts = spool.counts()
        assert verdict(spool.report()).complete
        assert counts[RECORDS, "read"] == counts[EVENTS, "spooled"] == lines
        assert counts[EVENTS, "stored"] + counts[EVENTS, "duplicate"] == lines
        assert [report.pending for report in spool.report()] == [0, 0, 0, 0]
        for file in files:
            position = spool.find_source(file)[1]
            assert position
            assert position.offset == file.stat().st_size
    store = sqlite3.connect(store_file)
    ((stored,),) = store.execute("SELECT count(*) FROM seen").fetchall()
    store.close()
    # What is the same at the same place in files that begin alike is one event, all else is there line by line.
    assert stored == lines - 400 == counts[EVENTS, "stored"]

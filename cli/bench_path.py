"""How fast the whole path is: from log files on disk through the spool and all rules into the store.

Every format is measured by itself and all of them as one mix, each into a fresh data folder, with the parts that
`hanwatch ingest` puts together. CPU seconds are counted, the system's included; the disk is waited for.
"""

import gc
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeAlias

from cli.elsewhere import elsewhere
from cli.house import House
from cli.settings import RuleSettings, Settings
from cli.steady import steady
from correlation.matcher.bench import rule_folders
from correlation.matcher.engine import Matcher
from correlation.matcher.mix import SYSTEM_FIELDS, Document, mixed, recorded
from correlation.rules.loading import load_rules
from correlation.rules.model import Correlation
from correlation.service import Correlator
from sensors.event.times import SECOND
from sensors.parsers.bench_inputs import START, write_inputs
from sensors.parsers.evtx_writing import WindowsEvent, evtx_file
from sensors.service import Failure, Foreign

Result: TypeAlias = dict[str, Any]

EVENT_COUNT: Final = 50_000
"""Records of each format."""
WARM_COUNT: Final = 2_500
SEED: Final = 20_260_513
MATCH_EVERY: Final = 50_000


class PathIncompleteError(RuntimeError):
    """Not every record became a stored event, so that a rate would mean nothing."""


class _Rules(NamedTuple):
    """What all measurements share: rules that are compiled once, and what looks at what they find."""

    matcher: Matcher
    correlations: Sequence[Correlation]


def bench(folder: Path, corpus: Path | None, events: int = EVENT_COUNT) -> Iterator[Result]:
    """Measure the path on `events` records of every format, made in (and left to the owner of) a folder.

    With a corpus all Sigma rules below it match, besides the product's own pack, and the Windows events are drawn from
    those recorded there; without it the rules are the pack alone and all events are made.

    Yields:
        One result for starting (rules read and compiled, on a few other events), one for each format, and one for the
        mix, whose rate is given without and with the start.
    """
    # What it takes to make the inputs is no part of the figures, its memory neither.
    first, inputs = elsewhere(_inputs, folder, corpus, events)
    folders = () if corpus is None else tuple(rule_folders(corpus))
    settings = Settings(data=folder / "data", rules=RuleSettings(folders=folders))
    begun = _clock()
    with House(settings) as house:
        loaded = load_rules(house.rule_paths())
    rules = _Rules(Matcher(loaded.rules), loaded.correlations)
    for path in first:
        _through(replace(settings, data=folder / "first-data"), rules, [path])
    with steady():
        started = _result("path.start", begun, rules=len(loaded.rules))
        yield started
        for path in inputs:
            yield _measured(f"path.{path.stem}", replace(settings, data=folder / f"{path.stem}-data"), rules, [path])
        total = _measured("path.mix", replace(settings, data=folder / "mix-data"), rules, inputs)
    with_start = total["cpu_seconds"] + started["cpu_seconds"]
    yield total | {"per_cpu_second_with_start": total["events"] / with_start}


def _inputs(folder: Path, corpus: Path | None, events: int) -> tuple[list[Path], list[Path]]:
    """Files of every format, few events of each and many; Windows events are drawn from recorded ones if there are."""
    windows = recorded(corpus) if corpus is not None else []
    return (
        _written(folder / "first", windows, min(events, WARM_COUNT), SEED + 1),
        _written(folder / "inputs", windows, events, SEED),
    )


def _written(place: Path, windows: Sequence[Document], events: int, seed: int) -> list[Path]:
    place.mkdir()
    paths = [path for _, path in write_inputs(place, events, seed)]
    if windows:
        drawn = (_event(document, index) for index, document in enumerate(mixed(windows, events, seed)))
        (place / "windows.evtx").write_bytes(evtx_file(drawn))
    return paths


def _event(document: Document, index: int) -> WindowsEvent:
    """A recorded event as one to write; what stands in its System part besides is left as the writer has it."""
    code = str(document.get("EventID"))
    return WindowsEvent(
        channel=str(document.get("Channel")),
        provider=str(document.get("Provider_Name")),
        code=int(code) if code.isdecimal() else 0,
        moment=START + index * SECOND // 1_000,
        computer=str(document.get("Computer")),
        data={name: str(value)[:4_000] for name, value in document.items() if name not in SYSTEM_FIELDS},
    )


def _measured(name: str, settings: Settings, rules: _Rules, paths: Sequence[Path]) -> Result:
    gc.collect()
    begun = _clock()
    events, alerts = _through(settings, rules, paths)
    done = _clock()
    return _result(name, begun, done, events=events, bytes=sum(path.stat().st_size for path in paths), alerts=alerts)


def _through(settings: Settings, rules: _Rules, paths: Sequence[Path]) -> tuple[int, int]:
    """Files all the way into a store of their own; returns how many events were stored, and how many alerts raised.

    Raises:
        PathIncompleteError: a file could not be read, or a record became no event.
    """
    with House(settings) as house:
        windows = house.windows(rules.correlations, live=False)
        correlator = Correlator(house.spool, house.store, house.book, rules.matcher, house.clock, windows=windows)
        waiting = alerts = stored = 0
        for step in house.intake.take(list(paths), named=set(paths)):
            if isinstance(step, Failure | Foreign) or step.rejects:
                raise PathIncompleteError(str(step))
            waiting += step.events
            if waiting >= MATCH_EVERY:
                done = correlator.drain()
                stored, alerts, waiting = stored + done.events, alerts + done.matched, 0
        done = correlator.drain() + correlator.settle()
        return stored + done.events, alerts + done.matched


def _clock() -> tuple[float, float]:
    return time.process_time(), time.perf_counter()


def _result(name: str, begun: tuple[float, float], done: tuple[float, float] | None = None, **work: Any) -> Result:
    cpu, wall = (end - start for start, end in zip(begun, done or _clock(), strict=True))
    return {"bench": name, **work, "cpu_seconds": cpu, "wall_seconds": wall}

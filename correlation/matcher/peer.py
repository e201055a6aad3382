"""Another engine on the same rules and events, to divide by: rsigma, a compiled one.

It routes by three words that an event says of itself, and skips rules that contradict them. So each rule is written
once for every channel and event id that our own routing sends it to, and each event says which those are: then both
engines evaluate the same rules on the same events. What is measured includes its reading of JSON and writing of hits.
"""

import resource
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, Self

import orjson
import yaml

from correlation.matcher.mix import Document, kind_of
from correlation.rules.logsources import Route, routes
from correlation.rules.model import Rule

RUNS: Final = 3
"""The median of these is taken."""
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Peer:
    """The other engine with its own copy of the rules, as a context: leaving it removes the copy."""

    def __init__(self, program: str, rules: Sequence[Rule], events: Sequence[Document]) -> None:
        self._program = program
        self._kinds = sorted({kind_of(event) for event in events})
        self._folder = tempfile.TemporaryDirectory()
        self._rules = Path(self._folder.name, "rules")
        self._rules.mkdir()
        for number, rule in enumerate(rules):
            for copy, document in enumerate(self._routed(rule)):
                (self._rules / f"{number}-{copy}.yml").write_bytes(orjson.dumps(document))  # JSON is YAML

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()

    def measure(self, events: Sequence[Document]) -> tuple[float, float, int]:
        """CPU seconds for these events, those for starting, which are taken off, and how many detections it found."""
        lines = [orjson.dumps(_labelled(event)) for event in events]
        starts = sorted(self._run(lines[:1])[0] for _ in range(RUNS))
        totals = sorted(self._run(lines) for _ in range(RUNS))
        start, (total, found) = starts[RUNS // 2], totals[RUNS // 2]
        return total - start, start, found

    def reading(self, events: Sequence[Document]) -> float:
        """CPU seconds for these events with one rule, whose field none of them has: what it does besides matching."""
        folder = Path(self._folder.name, "one")
        folder.mkdir(exist_ok=True)
        rule = {"title": "no such field", "logsource": {"product": "windows"},
                "detection": {"s": {"NoSuchField": "x"}, "condition": "s"}}
        (folder / "rule.yml").write_bytes(orjson.dumps(rule))
        lines = [orjson.dumps(_labelled(event)) for event in events]
        return sorted(self._run(lines, folder)[0] for _ in range(RUNS))[RUNS // 2]

    def _routed(self, rule: Rule) -> Iterator[dict[str, Any]]:
        document = yaml.load(Path(rule.path).read_bytes(), _LOADER)  # noqa: S506 - both are safe loaders
        document.pop("id", None)
        sources = {
            (("product", "windows"), *source): None
            for route in routes(rule.logsource) for source in self._sources(route)
        }
        for source in sources:
            yield {**document, "logsource": dict(source)}

    def _sources(self, route: Route) -> Iterator[tuple[tuple[str, str], ...]]:
        where = dict(route.where)
        channels, codes = where.get("winlog.channel"), where.get("event.code")
        if channels is None:
            yield ()
        elif codes is None:
            yield from {(("service", channel),): None for channel, _ in self._kinds if channel in channels}
        else:
            for channel, code in self._kinds:
                if channel in channels and code in codes:
                    yield (("service", channel), ("category", code))

    def _run(self, lines: Sequence[bytes], folder: Path | None = None) -> tuple[float, int]:
        events = Path(self._folder.name, "events.ndjson")
        events.write_bytes(b"\n".join(lines))
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(  # noqa: S603 - a program the user named, on files of our own
            [self._program, "engine", "eval", "-r", str(folder or self._rules), "-e", f"@{events}",
             "--output-format", "ndjson", "--quiet", "--input-format", "json", "--logsource-routing"],
            capture_output=True, check=True,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return seconds, sum(1 for line in done.stdout.splitlines() if line.strip())


def _labelled(event: Document) -> Document:
    """An event that says its log source; event 4688 under the names that the rules for its category use."""
    channel, code = kind_of(event)
    if (channel, code) == ("security", "4688"):
        event = {_CREATION_NAMES.get(name, name): value for name, value in event.items()}
    return {**event, "product": "windows", "service": channel, "category": code}


_CREATION_NAMES: Final = {
    "NewProcessName": "Image", "ParentProcessName": "ParentImage", "SubjectLogonId": "LogonId",
}  # as correlation/rules/logsources.yml has them, the other way round

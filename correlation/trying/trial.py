"""Rules tried on their samples, by the same matcher and windows as in a run."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from correlation.alerts.making import Witness
from correlation.context.enriching import context_of
from correlation.matcher.engine import Matcher
from correlation.ports import Enricher
from correlation.rules.loading import Loaded
from correlation.rules.model import Correlation
from correlation.trying.events import events_of
from correlation.trying.samples import Sample
from correlation.windows.engine import Windows
from correlation.windows.sensing import Sensing
from sensors.errors import Problem


@dataclass(frozen=True, slots=True)
class Trial:
    """What a rule made of its sample.

    Attributes:
        sample: which one.
        events: how many events the sample has.
        found: how many of them the rule matched; of a correlation, how often it came true.
        problem: why the sample could not be read; None where it could.
    """

    sample: Sample
    events: int
    found: int
    problem: Problem | None = None

    @property
    def passed(self) -> bool:
        """Whether the rule did as it must; a sample without events proves nothing."""
        if self.problem is not None or not self.events:
            return False
        if self.sample.count is not None:
            return self.found == self.sample.count
        return bool(self.found) == self.sample.fires


def try_out(loaded: Loaded, samples: Sequence[Sample], enrichers: Sequence[Enricher] = ()) -> Iterator[Trial]:
    """Each sample's trial, in order; `enrichers` add what is known to those that do not bring their own context."""
    matcher = Matcher(loaded.rules)
    correlations = {one.id: one for one in loaded.correlations}
    for sample in samples:
        try:
            known = enrichers if sample.context is None else _own(sample.context)
            correlation = correlations.get(sample.rule)
            if correlation is None:
                yield _rule(matcher, sample, known)
            else:
                yield _correlation(matcher, _behind(correlation, correlations), sample, known)
        except Problem as problem:
            yield Trial(sample, 0, 0, problem)


def _own(context: Path) -> Sequence[Enricher]:
    enrichers, problems = context_of([context])
    if problems:
        raise problems[0]
    return enrichers


def _rule(matcher: Matcher, sample: Sample, enrichers: Sequence[Enricher]) -> Trial:
    events = found = 0
    for batch in events_of(sample.file, enrichers):
        events += len(batch)
        found += sum(any(rule.id == sample.rule for rule in match.rules) for match in matcher.match(batch))
    return Trial(sample, events, found)


def _correlation(
    matcher: Matcher, correlations: Sequence[Correlation], sample: Sample, enrichers: Sequence[Enricher]
) -> Trial:
    windows = Windows(correlations, None)
    sensing = Sensing(windows.plan)
    events = 0
    for batch in events_of(sample.file, enrichers):
        events += len(batch)
        witness, signals = Witness(batch), []
        for match in matcher.match(batch):
            proof = witness.evidence(match.row)
            told = (sensing.signal(rule, batch, match.row, proof) for rule in match.rules)
            signals += [signal for signal in told if signal is not None]
        windows.take(signals, 0)
    return Trial(sample, events, sum(one.correlation.id == sample.rule for one in windows.settle()))


def _behind(correlation: Correlation, known: dict[str, Correlation]) -> list[Correlation]:
    """A correlation and those that it looks at, each behind what it looks at itself."""
    found = [one for name in correlation.rules if name in known for one in _behind(known[name], known)]
    return list({one.id: one for one in (*found, correlation)}.values())

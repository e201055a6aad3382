"""How right detectors are on labelled traffic, and how fast.

An attack counts as found when its detector alerts on its address; every other alert is false. What is measured is made
by `correlation.detectors.labelled`: a figure tells one version of a detector from another, not what a city will see.
"""

from collections.abc import Iterator, Mapping, Sequence
from time import process_time
from typing import Any, Final, TypeAlias

from correlation.detectors.exporting import exported
from correlation.detectors.labelled import Label, Traffic, labelled
from correlation.detectors.model import Detector
from correlation.detectors.places import Places
from correlation.detectors.reading import ONE_WAY, Reading
from correlation.detectors.registry import DETECTORS, Ground
from correlation.detectors.stitching import Stitching
from correlation.settings import PRIVATE
from sensors.event.model import Batch
from sensors.event.times import SECOND

Result: TypeAlias = dict[str, Any]

EVENTS_OF_A_HOST: Final = 1_000
"""About so many events the traffic has for each host of the office."""
LEARNING: Final = 48 * 3_600 * SECOND


def bench(seed: int = 20_261_129, **size: int) -> Iterator[Result]:
    """Measure on the traffic of a seed.

    Yields:
        One result for each detector: events that it looked at, attacks, how many were found and which were missed,
        false alerts with their reasons, precision and recall, seconds of CPU; and one for all of them together, which
        share what they read.
    """
    traffic = labelled(seed, **size)
    batches = list(traffic.batches())
    for name, detector in detectors().items():
        yield _measured(f"detectors.{name}", name, detector, batches, traffic)
    begun = process_time()
    every = list(detectors().values())
    for batch in batches:
        reading = Reading(batch)
        for detector in every:
            if batch.dataset in detector.datasets:
                list(detector.look(reading))
    cpu = process_time() - begun
    yield {"bench": "detectors.together", "events": sum(map(len, batches)), "cpu_seconds": cpu}


def bench_netflow(seed: int = 20_261_129, *, flags: bool = True, **size: int) -> Iterator[Result]:
    """Measure on the flows of a seed's traffic as an exporter, with `flags` of TCP or without, tells of them.

    Yields:
        As `bench`, one result for each detector that looks at NetFlow.
    """
    traffic = labelled(seed, **size)
    batches = list(exported(traffic, flags=flags))
    for name, detector in detectors().items():
        if not detector.datasets.isdisjoint(ONE_WAY):
            yield _measured(f"detectors.netflow.{name}", name, detector, batches, traffic)


def _measured(bench_name: str, name: str, detector: Detector, batches: Sequence[Batch], traffic: Traffic) -> Result:
    mine = [batch for batch in batches if batch.dataset in detector.datasets]
    stitching = Stitching()
    begun = process_time()
    reasons = [found.reason for batch in mine for found in detector.look(Reading(batch, stitching))]
    cpu = process_time() - begun
    return {"bench": bench_name, "events": sum(map(len, mine)), "cpu_seconds": cpu} | quality(
        [label for label in traffic.labels if label.detector == name], reasons
    )


def detectors() -> Mapping[str, Detector]:
    """All detectors as they are measured: private networks are inside, two days are learnt."""
    ground = Ground(Places(PRIVATE), LEARNING)
    return {name: made(ground) for name, made in DETECTORS.items()}


def quality(labels: list[Label], reasons: list[str]) -> Result:
    """What was found and missed of these attacks, by the reasons of the alerts, which begin with an address."""
    told = {address_of(reason) for reason in reasons}
    meant = {label.address for label in labels}
    false = [reason for reason in reasons if address_of(reason) not in meant]
    right = len(reasons) - len(false)
    return {
        "attacks": len(labels),
        "found": sum(label.address in told for label in labels),
        "alerts": len(reasons),
        "recall": sum(label.address in told for label in labels) / len(labels) if labels else None,
        "precision": right / len(reasons) if reasons else None,
        "missed": [label.variant for label in labels if label.address not in told],
        "false": false[:5],
    }


def address_of(reason: str) -> str:
    """The address that a reason is about, which it begins with."""
    return reason.split(" ", 1)[0]



"""The audit of many sites: rounds, each begun by the test of the probe, several sites at once, and a report of each.

Rounds but the last measure only what makes a site supported; the last one measures everything.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from inventory.ipv6.checks.registry import judged
from inventory.ipv6.findings import EXPOSED, Finding, findings
from inventory.ipv6.measuring import Manner, measure
from inventory.ipv6.model import Depth, Evidence, Round, SelfTest, Site
from inventory.ipv6.probe import self_test
from inventory.ipv6.profiles import Profile, profiles
from inventory.ipv6.repairs import Repair, repairs
from inventory.ipv6.scoring import Score, score
from inventory.ipv6.supporting import Supported, supported
from inventory.probing.ports import Network


@dataclass(frozen=True, slots=True)
class Report:
    """What is known of a site after all rounds.

    Attributes:
        last: the last round in which the probe worked, where there was one.
        scores: by the profile that was asked for first, then by the others.
    """

    site: Site
    rounds: tuple[Round, ...]
    supported: Supported
    scores: tuple[Score, ...] = ()
    findings: tuple[Finding, ...] = ()
    repairs: tuple[Repair, ...] = ()

    @property
    def last(self) -> Round:
        """The last round that measured, else the last one."""
        return next((one for one in reversed(self.rounds) if one.measurement is not None), self.rounds[-1])


@dataclass(frozen=True, slots=True)
class Plan:
    """How often and how fast: `pause` seconds lie between rounds, `together` sites are looked at at once."""

    rounds: int = 3
    pause: float = 0.0
    together: int = 4


Told = Callable[[int, Site | None, str], None]
"""Hears of the round, the site and what is done with it; no site: of the probe itself."""


def audit(  # noqa: PLR0913, PLR0917 - what an audit is made of
    sites: Sequence[Site],
    network: Network,
    manner: Manner,
    plan: Plan,
    profile: Profile,
    told: Told = lambda _number, _site, _step: None,
) -> Iterator[Report]:
    """A report of each site, in the order of `sites`."""
    rounds: dict[str, list[Round]] = {site.url: [] for site in sites}
    for number in range(1, plan.rounds + 1):
        if number > 1:
            network.wait(plan.pause)
        told(number, None, "probe")
        probe = self_test(network, manner.measures.controls)
        depth: Depth = "full" if number == plan.rounds else "reach"
        for site, one in _round(sites, network, manner, plan, number, probe, depth, told):
            rounds[site.url].append(one)
    for site in sites:
        yield report(site, rounds[site.url], profile)


def _round(  # noqa: PLR0913, PLR0917 - likewise
    sites: Sequence[Site],
    network: Network,
    manner: Manner,
    plan: Plan,
    number: int,
    probe: SelfTest,
    depth: Depth,
    told: Told,
) -> Iterator[tuple[Site, Round]]:
    """One look at every site, as they are done."""
    if not probe.well:
        yield from ((site, Round(number, network.now(), probe)) for site in sites)
        return

    def look(site: Site) -> Round:
        try:
            seen = measure(site, network, manner, depth, lambda step: told(number, site, step))
            return Round(number, seen.at, probe, seen.slim(), judged(seen))
        except Exception as error:  # noqa: BLE001 - what we did not foresee of one site must not end the audit of all
            evidence = (Evidence(network.now(), site.host, f"{type(error).__name__}: {error}"[:500]),)
            return Round(number, network.now(), SelfTest(well=False, reason="ipv6-unforeseen", evidence=evidence))

    with ThreadPoolExecutor(plan.together, thread_name_prefix="site") as pool:
        waiting = {pool.submit(look, site): site for site in sites}
        try:
            for done in as_completed(waiting):
                yield waiting[done], done.result()
                told(number, waiting[done], "done")
        except BaseException:
            # Whoever interrupts does not want to wait, neither for sites that nobody has begun with nor for the others.
            network.stop()
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def report(site: Site, rounds: Sequence[Round], profile: Profile) -> Report:
    """What follows from the rounds of a site."""
    made = Report(site, tuple(rounds), supported(rounds))
    last = made.last
    if last.measurement is None:
        return made
    others = [one for one in profiles().values() if one.name != profile.name]
    found = findings(last.measurement, last.outcomes, profile)
    if site.absent:
        # What is intentionally not there is not missed; a port that is open is.
        found = tuple(one for one in found if one.check == EXPOSED)
    return Report(
        site=site,
        rounds=made.rounds,
        supported=made.supported,
        scores=tuple(score(site, last.outcomes, one) for one in (profile, *others)),
        findings=found,
        repairs=repairs(last.measurement, found),
    )

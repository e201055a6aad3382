"""The ledger's report: every source with its counts and balances, and the verdict over all of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sensors.delivery.ledger import Balance, balances
from sensors.event.model import Source


@dataclass(frozen=True, slots=True)
class SourceReport:
    """One source: its counts by (stage, bucket), how many of its events wait for the store, and its balances."""

    source: Source
    format: str
    counts: Mapping[tuple[str, str], int]
    pending: int
    balances: tuple[Balance, ...]

    @property
    def complete(self) -> bool:
        """Whether every balance holds."""
        return not any(balance.missing for balance in self.balances)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Complete, or how many are missing by the name of the balance that fails, too many and too few added up."""

    missing: Mapping[str, int]

    @property
    def complete(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing


def source_report(
    source: Source, format_name: str, counts: Mapping[tuple[str, str], int], pending: int
) -> SourceReport:
    """The report of one source."""
    return SourceReport(source, format_name, counts, pending, tuple(balances(source.id, counts, pending)))


def verdict(reports: Iterable[SourceReport]) -> Verdict:
    """The verdict over these sources."""
    missing: dict[str, int] = {}
    for report in reports:
        for balance in report.balances:
            if balance.missing:
                missing[balance.name] = missing.get(balance.name, 0) + abs(balance.missing)
    return Verdict(missing)

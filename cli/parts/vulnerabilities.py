"""The book of vulnerabilities of a run."""

from functools import cached_property

from cli.parts.inventory import WithInventory
from inventory.vulnerabilities.book import VulnerabilityBook
from inventory.vulnerabilities.service import city_of, scales
from inventory.vulnerabilities.standing import Scales, Standing, standings


class WithVulnerabilities(WithInventory):
    """A run that reads or writes what scanners found and advisories tell."""

    @cached_property
    def vulnerabilities(self) -> VulnerabilityBook:
        """What is kept of vulnerabilities."""
        return VulnerabilityBook(self.database)

    def standings(self) -> tuple[list[Standing], Scales]:
        """Where the city stands now, and by what it is weighed."""
        by = scales(self.clock())
        return standings(city_of(self.inventory, self.vulnerabilities, by.now), by), by

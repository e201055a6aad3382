"""What can go wrong with files of scanners and advisories, with names of CPE and with the tables of this package."""

from inventory.errors import InventoryProblem


class VulnerabilityProblem(InventoryProblem):
    """The family of errors about vulnerabilities."""


class VulnerabilityFileUnreadable(VulnerabilityProblem):
    """A file cannot be read, or does not hold what its format says; what stood before is kept.

    `reason` is a code of the catalogues' reasons where there is one, else the words of the system or of a library.
    """

    code = "vulnerability-file-unreadable"


class VulnerabilityFormatUnknown(VulnerabilityProblem):
    """No format recognises a file; `known` lists those that there are."""

    code = "vulnerability-format-unknown"


class VulnerabilityEntryUnusable(VulnerabilityProblem):
    """One entry (`value` names it) cannot be used; `reason` is a code of the catalogues' reasons. The rest is."""

    code = "vulnerability-entry-unusable"


class CpeUnusable(VulnerabilityProblem):
    """A text (`value`) is no name of CPE; `reason` is a code of the catalogues' reasons."""

    code = "cpe-unusable"


class VulnerabilityTableUnusable(VulnerabilityProblem):
    """A table of names, weights or deadlines does not say what it must; `reason` says where."""

    code = "vulnerability-table-unusable"


class VulnerabilityUnknown(VulnerabilityProblem):
    """No finding and no match has an id that is or begins with `id`."""

    code = "vulnerability-unknown"


class VulnerabilityNotUnique(VulnerabilityProblem):
    """Several findings or matches have ids that begin with `id`; `found` are some of them."""

    code = "vulnerability-not-unique"

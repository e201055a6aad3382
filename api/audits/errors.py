"""What can go wrong when the report of an audit is written."""

from inventory.audits.errors import AuditProblem


class FormatNeedsFile(AuditProblem):
    """A report in this `format` goes into a file, and none was named."""

    code = "audit-output"


class ReportUnwritable(AuditProblem):
    """The place is a file that cannot be written; `reason` is the system's own word."""

    code = "audit-unwritable"


class NoChineseFont(AuditProblem):
    """No font that is installed or was named has the glyphs that a report needs."""

    code = "audit-font"

"""A report as one HTML file that needs nothing else: it is read, sent and printed as it stands."""

from functools import cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template

from api.audits.report import Report, more_text


def as_html(report: Report) -> str:
    """The page; every text of a register is escaped."""
    chinese = report.language == "zh"
    return _template().render(
        report=report,
        colon="：" if chinese else ": ",
        between="；" if chinese else "; ",
        more=lambda section: more_text(section, report.language),
    )


@cache
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string((files(__package__) / "page.html").read_text(encoding="utf-8"))

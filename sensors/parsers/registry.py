"""The line formats, in the order in which an input is offered to them."""

from sensors.parser import LineParser
from sensors.parsers.access_log import AccessLog
from sensors.parsers.suricata_eve import SuricataEve
from sensors.parsers.zeek_json import ZeekJson
from sensors.parsers.zeek_tsv import ZeekTsv


def line_parsers() -> tuple[LineParser, ...]:
    """All line parsers; the order matters, see the reasons beside it."""
    return (
        SuricataEve(),  # names its kind in every line
        ZeekJson(),
        ZeekTsv(),
        AccessLog(),
    )

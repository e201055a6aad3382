"""Ways from rules to events."""

from correlation.matcher.routing import Scheme
from correlation.rules.model import LogSource


def test_raw_names_leave_out_what_needs_renaming() -> None:
    (route,) = Scheme.raw().routes(LogSource("windows", "process_creation"))
    assert dict(route.where) == {"Channel": {"microsoft-windows-sysmon/operational"}, "EventID": {"1"}}
    assert route.names("Image") == "Image"
    assert Scheme.raw().routes(LogSource("zeek", None, "dns")) == ()


def test_everything_goes_everywhere() -> None:
    (route,) = Scheme.everything().routes(LogSource("aws", None, "cloudtrail"))
    assert route.takes("any")
    assert Scheme.everything().key_fields([route]) == ()


def test_mapped_events_tell_their_dataset() -> None:
    scheme = Scheme.mapped()
    assert scheme.key_fields(scheme.routes(LogSource("windows", "process_creation"))) == (
        "event.dataset",
        "event.code",
        "winlog.channel",
    )

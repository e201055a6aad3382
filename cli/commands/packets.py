"""`hanwatch packets`: original packets found again, exported as pcapng or dissected by tshark."""

from collections.abc import Sequence
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, TypeAlias

import typer

from api.moments import moment
from cli.commands.alerts_show import AlertUnknown
from cli.ground import settings_of, there
from cli.options import DataOption, FromOption, JsonOption, ToOption
from cli.output import json_line, table, tell
from cli.parts.book import WithBook
from cli.parts.store import WithStore
from cli.slicing import Parts, parts_of, write_slice
from sensors.capture.dissect import dissect as dissect_file
from sensors.capture.keeping.keeper import FOLDER
from sensors.capture.keeping.segments import segments
from sensors.capture.keeping.slices import kept
from sensors.capture.keeping.wanted import Wanted
from sensors.errors import Problem
from sensors.event.times import LATEST, iso


class EventUnknown(Problem):
    """No event has this id."""

    code = "event-unknown"


class HostsUnusable(Problem):
    """`--host` is said once for each end of a conversation, `--port` in the same order."""

    code = "packets-hosts-unusable"


class _Found(WithBook, WithStore):
    """Alerts and events, which lead to packets."""


AlertOption: TypeAlias = Annotated[
    str | None, typer.Option("--alert", metavar="ID", help=tell("cli.packets.alert"), show_default=False)
]
EventOption: TypeAlias = Annotated[
    str | None, typer.Option("--event", metavar="ID", help=tell("cli.packets.event"), show_default=False)
]
HostOption: TypeAlias = Annotated[
    list[str] | None, typer.Option("--host", metavar="ADDRESS", help=tell("cli.packets.host"), show_default=False)
]
PortsOption: TypeAlias = Annotated[
    list[int] | None, typer.Option("--port", metavar="PORT", help=tell("cli.packets.port"), show_default=False)
]
FilterOption: TypeAlias = Annotated[
    str, typer.Option("--filter", metavar="FILTER", help=tell("cli.packets.filter"), show_default=False)
]
CapturesOption: TypeAlias = Annotated[
    list[Path] | None, typer.Option("--capture", metavar="FILE", help=tell("cli.packets.capture"), show_default=False)
]


def list_segments(context: typer.Context, data: DataOption = None, as_json: JsonOption = False) -> None:
    """List what the ring of packets holds, oldest first."""
    found = segments(there(settings_of(context, data)).data / FOLDER)
    if as_json:
        for one in found:
            json_line(
                {"file": str(one.path), "from": iso(one.begin), "to": iso(one.end), "packets": one.packets,
                 "source": one.source, "bytes": one.path.stat().st_size}
            )
        return
    table(
        tuple(tell(f"cli.column.{name}") for name in ("file", "from", "to", "packets")),
        ((one.path.name, iso(one.begin), iso(one.end), f"{one.packets:,}") for one in found),
        right=(3,), fold=(0,),
    )


def export(
    context: typer.Context,
    target: Annotated[Path, typer.Argument(metavar="FILE", help=tell("cli.packets.target"), show_default=False)],
    alert: AlertOption = None,
    event: EventOption = None,
    host: HostOption = None,
    port: PortsOption = None,
    filter_text: FilterOption = "",
    start: FromOption = None,
    end: ToOption = None,
    capture: CapturesOption = None,
    data: DataOption = None,
) -> None:
    """Export packets as pcapng, octet by octet as they were captured."""
    parts, inside, comment = _chosen(context, data, alert, event, host, port, start, end, capture)
    write_slice(target, parts, inside, text=filter_text, comment=comment)


def dissect(
    context: typer.Context,
    display: Annotated[
        str, typer.Option("--display", metavar="FILTER", help=tell("cli.packets.display"), show_default=False)
    ] = "",
    limit: Annotated[
        int, typer.Option("--limit", metavar="NUMBER", min=1, max=1_000, help=tell("cli.search.limit"))
    ] = 50,
    alert: AlertOption = None,
    event: EventOption = None,
    host: HostOption = None,
    port: PortsOption = None,
    filter_text: FilterOption = "",
    start: FromOption = None,
    end: ToOption = None,
    capture: CapturesOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show packets as tshark reads them, few and for a short time: a second opinion."""
    parts, inside, comment = _chosen(context, data, alert, event, host, port, start, end, capture)
    with TemporaryDirectory(prefix="hanwatch-slice-") as folder:
        file = Path(folder, "slice.pcapng")
        write_slice(file, parts, inside, text=filter_text, comment=comment, most_packets=100_000)
        found = dissect_file(file, display, most_packets=limit)
    if as_json:
        for one in found.packets:
            json_line({"number": one.number, "protocols": one.protocols, "fields": one.fields})
        return
    for one in found.packets:
        fields = sorted(one.fields.items())
        table((f"{one.number}", " · ".join(one.protocols)), fields)


def _chosen(
    context: typer.Context, data: Path | None, alert: str | None, event: str | None, host: Sequence[str] | None,
    port: Sequence[int] | None, start: str | None, end: str | None, capture: Sequence[Path] | None,
) -> tuple[Parts, Parts, str]:
    """The captures and packets that the options name; where they may be inside tunnels; words for the slice itself."""
    settings = settings_of(context, data)
    folder = settings.data / FOLDER
    if alert is None and event is None:
        wanted = _wanted(context, data, host, port, start, end)
        parts, inside = (
            [(list(capture) if capture else kept(folder, one), one)] for one in (wanted, _in_tunnels(wanted))
        )
        return parts, inside if wanted.hosts else (), f"hanwatch: {wanted}"
    with _Found(there(settings)) as house:
        ids = [event] if event is not None else []
        if alert is not None:
            found = house.book.get(alert)
            if found is None:
                raise AlertUnknown(id=alert)
            ids += [proof.event_id for proof in found.evidence]
        events = [one for one in map(house.store.get, ids) if one is not None]
    if not events:
        raise EventUnknown(id=", ".join(ids))
    return parts_of(events, folder), (), f"hanwatch: {'alert ' + alert if alert else 'event ' + str(event)}"


def _in_tunnels(wanted: Wanted) -> Wanted:
    """The packets in which both hosts stand, whoever carries them: the indexes know only the outermost addresses."""
    return replace(
        wanted, hosts=None, ports=None, inside=tuple(ip_address(host).packed for host in wanted.hosts or ())
    )


def _wanted(
    context: typer.Context, data: Path | None, host: Sequence[str] | None, port: Sequence[int] | None,
    start: str | None, end: str | None,
) -> Wanted:
    hosts, ports = list(host or ()), list(port or ())
    if len(hosts) not in {0, 2} or len(ports) not in {0, 2} or (ports and not hosts):
        raise HostsUnusable
    with WithBook(settings_of(context, data)) as ground:
        now = ground.clock()
    wanted = Wanted(
        begin=moment(start, now) if start else 0,
        end=moment(end, now) if end else LATEST,
        hosts=(hosts[0], hosts[1]) if hosts else None,
        ports=(ports[0], ports[1]) if ports else None,
    )
    try:
        _ = wanted.key
    except ValueError as error:
        raise HostsUnusable from error
    return wanted

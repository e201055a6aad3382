"""`hanwatch incidents windows`: maintenance windows and drills, whose alerts are counted and raise nothing."""

from collections.abc import Mapping, Sequence
from typing import Annotated, TypeAlias

import typer

from api.incident_documents import window_document
from api.moments import moment
from cli.commands.incidents import local
from cli.commands.incidents_change import ByOption, who
from cli.ground import settings_of, there
from cli.options import DataOption, JsonOption
from cli.output import json_line, note, table, tell
from cli.parts.incidents import WithIncidents
from correlation.incidents.suppressing import Purpose


def list_windows(context: typer.Context, data: DataOption = None, as_json: JsonOption = False) -> None:
    """List windows, and how many alerts each suppresses."""
    with WithIncidents(there(settings_of(context, data))) as house:
        now = house.clock()
        suppressed = house.incidents.suppressed()
        found = house.window_register.windows()
    if as_json:
        for one in found:
            json_line(window_document(one, suppressed.get(one.id, 0), now))
        return
    columns = ("window", "purpose", "from", "to", "suppressed", "scope", "reason")
    table(
        tuple(tell(f"cli.column.{name}") for name in columns),
        (
            (
                one.id,
                tell(f"purpose.{one.purpose}"),
                local(one.begins),
                local(one.ends),
                f"{suppressed.get(one.id, 0):,}",
                _scope(one.scope),
                f"{one.reason} · {one.who}"
                + (f" · {tell('cli.incidents.windows.late')}" if one.announced > one.begins else ""),
            )
            for one in found
        ),
        right=(4,),
        fold=(5, 6),
    )


def _names(name: str) -> object:
    return typer.Option(f"--{name}", metavar="NAME", help=tell(f"cli.incidents.windows.{name}"), show_default=False)


Networks: TypeAlias = Annotated[list[str] | None, _names("network")]
Hosts: TypeAlias = Annotated[list[str] | None, _names("host")]
Users: TypeAlias = Annotated[list[str] | None, _names("user")]
Assets: TypeAlias = Annotated[list[str] | None, _names("asset")]
Systems: TypeAlias = Annotated[list[str] | None, _names("system")]
Units: TypeAlias = Annotated[list[str] | None, _names("unit")]


def add(
    context: typer.Context,
    purpose: Annotated[Purpose, typer.Argument(metavar="PURPOSE", help=tell("cli.incidents.windows.purpose"))],
    start: Annotated[str, typer.Option("--from", metavar="TIME", help=tell("cli.incidents.windows.from"))],
    end: Annotated[str, typer.Option("--to", metavar="TIME", help=tell("cli.incidents.windows.to"))],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help=tell("cli.incidents.windows.reason"))],
    network: Networks = None,
    host: Hosts = None,
    user: Users = None,
    asset: Assets = None,
    system: Systems = None,
    unit: Units = None,
    by: ByOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Announce a maintenance window or a drill."""
    said = {"network": network, "host": host, "user": user, "asset": asset, "system": system, "unit": unit}
    scope = {kind: names for kind, names in said.items() if names}
    with WithIncidents(settings_of(context, data)) as house:
        now = house.clock()
        made = house.window_register.announce(
            purpose, moment(start, now), moment(end, now), scope, reason, who=who(by)
        )
        suppressed = house.incidents.suppressed().get(made.id, 0)
    if as_json:
        json_line(window_document(made, suppressed, now))
        return
    note("cli.incidents.windows.added", id=made.id, alerts=f"{suppressed:,}")


def end(
    context: typer.Context,
    window_id: Annotated[str, typer.Argument(metavar="ID", help=tell("cli.incidents.windows.id"))],
    by: ByOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """End a window now."""
    with WithIncidents(there(settings_of(context, data))) as house:
        ended = house.window_register.end(window_id, who=who(by))
        suppressed = house.incidents.suppressed().get(ended.id, 0)
        now = house.clock()
    if as_json:
        json_line(window_document(ended, suppressed, now))
        return
    note("cli.incidents.windows.ended", id=ended.id, at=local(ended.ends))


def _scope(scope: Mapping[str, Sequence[str]]) -> str:
    return "; ".join(f"{tell(f'entity.{_KINDS.get(kind, kind)}')} {', '.join(names)}" for kind, names in scope.items())


_KINDS = {"network": "address"}

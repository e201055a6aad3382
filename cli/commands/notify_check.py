"""`hanwatch notify check` and `test`: whether the settings would work, and whether a channel does."""

from typing import Annotated

import typer
from rich.markup import escape

from api.messages import explain
from cli.ground import settings_of
from cli.options import DataOption, JsonOption
from cli.output import FAILED, FINDINGS, json_line, language, note, out, table, tell
from cli.parts.notifying import WithNotifying
from cli.plain import plain
from correlation.notifying.channel import Message
from correlation.notifying.channels.registry import BOUNDS, open_channel
from correlation.notifying.checking import Checked, check
from correlation.notifying.errors import DeliveryProblem
from correlation.notifying.rendering import Renderer
from correlation.notifying.sample import sample_notice
from correlation.secret import hide


def check_settings(
    context: typer.Context,
    show: Annotated[bool, typer.Option("--show", help=tell("cli.notify.check.show"))] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check channels, secrets, routes and templates without sending anything; exit 1 when something needs mending."""
    with WithNotifying(settings_of(context, data)) as house:
        found = list(check(house.settings.notify, house.around))
    if as_json:
        for one in found:
            json_line(_document(one))
    else:
        lines = dict.fromkeys((one.channel, one.route, *_state(one)) for one in found)
        if lines:
            table(tuple(tell(f"cli.column.{name}") for name in ("channel", "route", "state", "finding")), lines)
        else:
            note("cli.notify.check.nothing")
        for one in found:
            if show and one.message is not None:
                _print(one.message, one)
    if any(one.problem for one in found):
        raise typer.Exit(FINDINGS)


def try_channel(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="CHANNEL", help=tell("cli.notify.test.channel"))],
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send a test message over a channel at once, and say what became of it."""
    with WithNotifying(settings_of(context, data)) as house:
        settings, now = house.channel(name), house.clock()
        channel = open_channel(settings, house.around)
        notice = sample_notice("test", name, "", now, identity=str(now))
        message = Renderer(house.settings.notify).message(notice, BOUNDS[settings.kind])
        problem: DeliveryProblem | None = None
        try:
            channel.send(message)
        except DeliveryProblem as refused:
            words = hide(str(refused.reason), channel.secrets)
            problem = type(refused)(reason=words, answer=hide(str(refused.answer), channel.secrets))
    text = "" if problem is None else explain(problem, language)
    if as_json:
        json_line({"channel": name, "message": message.id, "delivered": problem is None, "problem": text or None})
    elif problem is None:
        note("cli.notify.tested", channel=name, message=message.id[:12])
    else:
        note("cli.notify.untested", channel=name, problem=text)
    if problem is not None:
        raise typer.Exit(FAILED)


def _state(one: Checked) -> tuple[str, str]:
    if one.problem is not None:
        return "×", explain(one.problem, language)
    if one.hint:
        return "!", tell(one.hint)
    return "√", tell("notify.rendered" if one.message else "notify.usable")


def _document(one: Checked) -> dict[str, object]:
    state, text = _state(one)
    names = {"×": "fault", "!": "hint", "√": "ok"}
    said: dict[str, object] = {
        "channel": one.channel, "route": one.route or None, "state": names[state], "text": text,
    }  # fmt: skip
    if one.message is not None:
        said |= {"kind": one.message.notice.kind, "title": one.message.title, "bodies": one.message.bodies}
    return said


def _print(message: Message, one: Checked) -> None:
    out.print(f"\n[bold]{escape(f'{one.channel} · {one.route} · {message.notice.kind}')}[/bold]")
    out.print(escape(plain(message.title)))
    for form, text in message.bodies.items():
        out.print(f"[dim]{form}[/dim]")
        out.print(escape("\n".join(map(plain, text.splitlines()))))



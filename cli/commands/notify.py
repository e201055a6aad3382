"""`hanwatch notify list` and `retry`: what became of messages, and trying again those that failed."""

from typing import Annotated, Any

import typer

from api.messages import knows
from cli.ground import settings_of, there
from cli.options import DataOption, JsonOption
from cli.output import json_line, language, note, table, tell
from cli.parts.notifying import WithNotifying
from correlation.notifying.outbox import Entry
from sensors.errors import Problem
from sensors.event.times import iso

ChannelOption = Annotated[
    str | None, typer.Option("--channel", metavar="NAME", help=tell("cli.notify.channel"), show_default=False)
]


class NothingToRetry(Problem):
    """Neither messages nor `--failed` were said."""

    code = "notify-nothing"


def list_messages(
    context: typer.Context,
    failed: Annotated[bool, typer.Option("--failed", help=tell("cli.notify.list.failed"))] = False,
    channel: ChannelOption = None,
    limit: Annotated[int, typer.Option("--limit", metavar="NUMBER", min=1, help=tell("cli.search.limit"))] = 50,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """List messages, newest first, and how each channel stands."""
    with WithNotifying(there(settings_of(context, data))) as house:
        if channel is not None:
            house.channel(channel)
        found = house.outbox.listed(state="failed" if failed else None, channel=channel, limit=limit)
        tallies, held = house.outbox.tally(), house.held()
    if as_json:
        for entry in found:
            json_line(_document(entry))
        return
    columns = ("message", "time", "channel", "route", "level", "alerts", "state", "attempts", "reason")
    table(tuple(tell(f"cli.column.{name}") for name in columns), map(_row, found), right=(5, 7), fold=(3, 8))
    for name, tally in tallies.items():
        note(
            "cli.notify.tally", channel=name, waiting=f"{tally.waiting:,}", sent=f"{tally.sent:,}",
            failed=f"{tally.failed:,}",
        )  # fmt: skip
    for reason, number in held.items():
        note("cli.notify.held", number=f"{number:,}", reason=reason)


def retry(
    context: typer.Context,
    messages: Annotated[
        list[str] | None, typer.Argument(metavar="ID", help=tell("cli.notify.retry.id"), show_default=False)
    ] = None,
    failed: Annotated[bool, typer.Option("--failed", help=tell("cli.notify.retry.failed"))] = False,
    channel: ChannelOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let messages that have failed be tried again, by the notifier that runs or the next one."""
    if not messages and not failed:
        raise NothingToRetry
    with WithNotifying(there(settings_of(context, data))) as house:
        if channel is not None:
            house.channel(channel)
        now = house.clock()
        again = house.outbox.retry(messages, now) if messages else house.outbox.retry_failed(channel, now)
    if as_json:
        json_line({"retried": again})
    else:
        note("cli.notify.retried", number=f"{len(again):,}")


def reason_of(entry: Entry) -> str:
    """Why its last attempt failed, in words."""
    words = tell_reason(entry.reason)
    return f"{entry.answer} {words}".strip()


def tell_reason(reason: str) -> str:
    """A reason that is a code becomes a sentence; the words of others stay."""
    return tell(f"reason.{reason}") if knows(f"reason.{reason}") else reason


def _row(entry: Entry) -> tuple[object, ...]:
    notice = entry.notice
    return (
        notice.id[:12], iso(notice.created), notice.channel, notice.route, tell(f"level.{notice.level}"),
        f"{notice.count:,}", tell(f"cli.notify.state.{entry.state}"), entry.attempts, reason_of(entry),
    )  # fmt: skip


def _document(entry: Entry) -> dict[str, Any]:
    notice = entry.notice
    times = {name: getattr(entry, name) for name in ("due", "tried", "finished")}
    return {
        "id": notice.id,
        "created": iso(notice.created),
        "channel": notice.channel,
        "route": notice.route,
        "kind": notice.kind,
        "level": notice.level,
        "alerts": notice.count,
        "state": entry.state,
        "attempts": entry.attempts,
        **{name: iso(moment) if moment else None for name, moment in times.items()},
        "reason": entry.reason or None,
        "answer": entry.answer or None,
        "recipients_left": entry.only,
        "topics": [
            {
                "rule_id": topic.rule_id,
                "title": topic.title_zh if language == "zh" and topic.title_zh else topic.title,
                "entities": topic.entities,
                "count": topic.count,
                "alerts": topic.alerts,
            }
            for topic in notice.topics
        ],
    }

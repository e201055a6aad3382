"""Whether a configuration would work, without sending anything: secrets, authorities, each template on a sample."""

from collections.abc import Iterator
from dataclasses import dataclass

from correlation.notifying.channel import Message
from correlation.notifying.channels.registry import BOUNDS, Surroundings, open_channel
from correlation.notifying.errors import AuthoritiesUnusable, SecretUnusable, TemplateUnusable
from correlation.notifying.model import Kind
from correlation.notifying.rendering import Renderer
from correlation.notifying.sample import sample_notice
from correlation.notifying.settings import ROBOTS, NotifySettings
from correlation.secret import open_to_others
from sensors.errors import Problem

KINDS: tuple[Kind, ...] = ("alert", "digest")


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found of a channel, or of a channel by a route (`route` is not empty).

    `problem` is what must be mended, `hint` the code of what is worth knowing, `message` a sample in words.
    """

    channel: str
    route: str = ""
    problem: Problem | None = None
    hint: str = ""
    message: Message | None = None


def check(settings: NotifySettings, around: Surroundings) -> Iterator[Checked]:
    """Everything that the settings name, channels before routes."""
    for channel in settings.channels:
        try:
            open_channel(channel, around)
        except (SecretUnusable, AuthoritiesUnusable) as problem:
            yield Checked(channel.name, problem=problem)
            continue
        open_files = any(open_to_others(reference) for reference in (channel.token, channel.secret))
        yield Checked(channel.name, hint="notify.hint.open" if open_files else "")
        if not any(channel.name in route.channels for route in settings.routes):
            yield Checked(channel.name, hint="notify.hint.unused")
    renderer = Renderer(settings)
    for route in settings.routes:
        for name in route.channels:
            channel_ = settings.channel(name)
            assert channel_ is not None, "the settings were checked when they were read"
            if route.quiet == 0 and (channel_.kind in ROBOTS or channel_.kind == "mail"):
                yield Checked(name, route.name, hint="notify.hint.each")
            for kind in KINDS:
                try:
                    notice = sample_notice(kind, name, route.name, around.clock())
                    yield Checked(name, route.name, message=renderer.message(notice, BOUNDS[channel_.kind]))
                except TemplateUnusable as problem:
                    yield Checked(name, route.name, problem=problem)

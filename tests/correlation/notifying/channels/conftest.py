"""A message in words, as a channel is given it."""

from collections.abc import Callable

import pytest

from correlation.notifying.channel import Message
from correlation.notifying.channels.registry import BOUNDS, Surroundings, open_channel
from correlation.notifying.model import Kind
from correlation.notifying.rendering import Renderer
from correlation.notifying.sample import sample_notice
from correlation.notifying.settings import ChannelSettings, NotifySettings
from tests.correlation.notifying.conftest import NOON

Send = Callable[..., Message]


@pytest.fixture
def send(around: Surroundings) -> Send:
    """Send a sample over a channel of these settings; the message."""

    def deliver(settings: ChannelSettings, kind: Kind = "alert", only: tuple[str, ...] = ()) -> Message:
        renderer = Renderer(NotifySettings(link="https://console.example/alerts/{id}"))
        notice = sample_notice(kind, settings.name, "night", NOON)
        message = renderer.message(notice, BOUNDS[settings.kind], only)
        open_channel(settings, around).send(message)
        return message

    return deliver

"""The kinds of channels, in the order in which the documentation tells of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from correlation.notifying.channel import Bounds, Channel
from correlation.notifying.channels import dingtalk, feishu, mail, syslog, webhook, wecom
from correlation.notifying.settings import ChannelKind, ChannelSettings, Speech
from sensors.event.times import Clock


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What channels know beside their settings: the clock, the language, our version and this machine's name."""

    clock: Clock
    language: Speech
    version: str
    host: str


CHANNELS: Final[Mapping[ChannelKind, Callable[[ChannelSettings, Surroundings], Channel]]] = {
    # Standards first, then vendors.
    "mail": lambda settings, _: mail.Mail(settings),
    "webhook": lambda settings, around: webhook.Webhook(settings, around.clock),
    "syslog": lambda settings, around: syslog.Syslog(settings, around.language, around.version, around.host),
    "dingtalk": lambda settings, around: dingtalk.DingTalk(settings, around.clock),
    "wecom": lambda settings, around: wecom.WeCom(settings, around.clock),
    "feishu": lambda settings, around: feishu.Feishu(settings, around.clock),
}

BOUNDS: Final[Mapping[ChannelKind, Bounds]] = {
    "mail": mail.BOUNDS,
    "webhook": webhook.BOUNDS,
    "syslog": syslog.BOUNDS,
    "dingtalk": dingtalk.BOUNDS,
    "wecom": wecom.BOUNDS,
    "feishu": feishu.BOUNDS,
}
"""What each kind takes, known before a channel is opened."""


def open_channel(settings: ChannelSettings, around: Surroundings) -> Channel:
    """The channel of these settings, its secrets read.

    Raises:
        SecretUnusable: a secret is not there.
        AuthoritiesUnusable: the file of authorities cannot be used.
    """
    return CHANNELS[settings.kind](settings, around)

r"""DingTalk's custom robot, signed.

Evidence: DingTalk open platform, "自定义机器人接入" and "自定义机器人安全设置"
(open.dingtalk.com/document/orgapp/custom-robot-access, …/customize-robot-security-settings): POST to
/robot/send?access_token=…; with signing, `timestamp` (ms, at most an hour off) and `sign`, which is
Base64(HMAC-SHA-256(key = secret, "timestamp\nsecret")) percent-encoded; `markdown` has title and text; 20 messages a
minute, more close the robot for 10 minutes; `errcode` 0 is success, 130101 and 410100 mean too fast, 310000 that
signature, keyword or address did not fit.
"""

import base64
import hmac
from hashlib import sha256
from typing import Final
from urllib.parse import urlencode

import orjson

from correlation.notifying.channel import Bounds, Message
from correlation.notifying.channels.posting import Poster
from correlation.notifying.channels.robots import check_answer
from correlation.notifying.secret import secret_of
from correlation.notifying.settings import ChannelSettings
from sensors.event.times import Clock

URL: Final = "https://oapi.dingtalk.com/robot/send"
BOUNDS: Final = Bounds({"title": 200, "markdown": 18_000}, per_minute=20)
_BUSY: Final = frozenset({-1})
_CROWDED: Final = frozenset({130_101, 410_100, 90_018})
_CLOSED_SECONDS: Final = 600.0
_MILLISECOND: Final = 1_000_000


class DingTalk:
    """Posts Markdown to a group of DingTalk."""

    def __init__(self, settings: ChannelSettings, clock: Clock) -> None:
        self.bounds = BOUNDS
        self._token = secret_of(settings.name, settings.token)
        self._secret = secret_of(settings.name, settings.secret)
        self.secrets = tuple(secret for secret in (self._token, self._secret) if secret)
        self._poster = Poster(settings, settings.url or URL, clock)
        self._clock = clock

    def send(self, message: Message) -> None:
        """Post it."""
        query = {"access_token": self._token}
        if self._secret:
            stamp = str(self._clock() // _MILLISECOND)
            query |= {"timestamp": stamp, "sign": sign(self._secret, stamp)}
        markdown = {"title": message.title, "text": message.bodies["markdown"]}
        body = orjson.dumps({"msgtype": "markdown", "markdown": markdown})
        answer = self._poster.post(body, {}, urlencode(query))
        check_answer(answer, number="errcode", words="errmsg", passing=_BUSY, crowded=_CROWDED, pause=_CLOSED_SECONDS)

    def reach(self) -> str:
        """Connect."""
        return self._poster.reach()


def sign(secret: str, stamp: str) -> str:
    """The signature, not yet percent-encoded."""
    digest = hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), sha256).digest()
    return base64.b64encode(digest).decode()

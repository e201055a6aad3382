"""WeCom's group robot.

Evidence: WeCom developer centre, "群机器人配置说明" (developer.work.weixin.qq.com/document/path/91770): POST to
/cgi-bin/webhook/send?key=…; `markdown.content` has 4,096 bytes of UTF-8 at most; 20 messages a minute; `errcode` 0 is
success. "全局错误码" (…/path/90313): -1 the system is busy, 45009 and 45033 too many calls, 93000 no such key.
"""

from typing import Final
from urllib.parse import urlencode

import orjson

from correlation.notifying.channel import Bounds, Message
from correlation.notifying.channels.posting import Poster
from correlation.notifying.channels.robots import check_answer
from correlation.notifying.secret import secret_of
from correlation.notifying.settings import ChannelSettings
from sensors.event.times import Clock

URL: Final = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send"
BOUNDS: Final = Bounds({"title": 200, "markdown": 4_096}, per_minute=20)
_BUSY: Final = frozenset({-1})
_CROWDED: Final = frozenset({45_009, 45_033})
_PAUSE_SECONDS: Final = 60.0


class WeCom:
    """Posts Markdown to a group of WeCom."""

    def __init__(self, settings: ChannelSettings, clock: Clock) -> None:
        self.bounds = BOUNDS
        self._key = secret_of(settings.name, settings.token)
        self.secrets: tuple[str, ...] = (self._key,)
        self._poster = Poster(settings, settings.url or URL, clock)

    def send(self, message: Message) -> None:
        """Post it."""
        body = orjson.dumps({"msgtype": "markdown", "markdown": {"content": message.bodies["markdown"]}})
        answer = self._poster.post(body, {}, urlencode({"key": self._key}))
        check_answer(answer, number="errcode", words="errmsg", passing=_BUSY, crowded=_CROWDED, pause=_PAUSE_SECONDS)

    def reach(self) -> str:
        """Connect."""
        return self._poster.reach()

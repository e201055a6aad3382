r"""Feishu's custom robot, signed.

Evidence: Feishu open platform, "自定义机器人使用指南"
(open.feishu.cn/document/client-docs/bot-v3/add-custom-bot): POST to /open-apis/bot/v2/hook/TOKEN; with signing,
`timestamp` (s, at most an hour old) and `sign` in the body, which is Base64(HMAC-SHA-256(key = "timestamp\nsecret",
nothing)); 100 messages a minute and 5 a second; a body of 20 KB at most;
`code` 0 is success, 9499 a bad request, 11232 too many messages (of the whole system, most at full and half hours),
19021 a signature or time that does not fit, 19022 an address and 19024 a keyword. Cards: `msg_type` interactive, with
elements of tag `markdown`.
"""

import base64
import hmac
from hashlib import sha256
from typing import Any, Final
from urllib.parse import quote, urlsplit

import orjson

from correlation.alerts.model import Level
from correlation.notifying.channel import Bounds, Message
from correlation.notifying.channels.posting import Poster
from correlation.notifying.channels.robots import check_answer
from correlation.notifying.secret import secret_of
from correlation.notifying.settings import ChannelSettings
from sensors.event.times import SECOND, Clock

URL: Final = "https://open.feishu.cn/open-apis/bot/v2/hook"
BOUNDS: Final = Bounds({"title": 200, "markdown": 12_000}, per_minute=100, gap=0.25)
"""Of 20 KB: JSON writes each backslash of the escapes twice, and the card has a frame."""
_BUSY: Final = frozenset({-1})
_CROWDED: Final = frozenset({11_232, 99_991_400})
_PAUSE_SECONDS: Final = 60.0
_COLOURS: Final[dict[Level, str]] = {
    "informational": "grey", "low": "blue", "medium": "yellow", "high": "orange", "critical": "red",
}  # fmt: skip


class Feishu:
    """Posts cards to a group of Feishu."""

    def __init__(self, settings: ChannelSettings, clock: Clock) -> None:
        self.bounds = BOUNDS
        self._token = secret_of(settings.name, settings.token)
        self._secret = secret_of(settings.name, settings.secret)
        self.secrets = tuple(secret for secret in (self._token, self._secret) if secret)
        url = settings.url or URL
        self._poster = Poster(settings, url, clock)
        self._path = f"{urlsplit(url).path.rstrip('/')}/{quote(self._token, safe='')}"
        self._clock = clock

    def send(self, message: Message) -> None:
        """Post it."""
        body: dict[str, Any] = {"msg_type": "interactive", "card": card(message)}
        if self._secret:
            stamp = str(self._clock() // SECOND)
            body |= {"timestamp": stamp, "sign": sign(self._secret, stamp)}
        answer = self._poster.post(orjson.dumps(body), {}, path=self._path)
        check_answer(answer, number="code", words="msg", passing=_BUSY, crowded=_CROWDED, pause=_PAUSE_SECONDS)

    def reach(self) -> str:
        """Connect."""
        return self._poster.reach()


def card(message: Message) -> dict[str, Any]:
    """The card of a message, its head in the colour of its level."""
    head, _, rest = message.bodies["markdown"].partition("\n")
    # Cards of this form know no headings in their text; the title says the same.
    text = rest.lstrip() if head.startswith("#") and rest else message.bodies["markdown"]
    return {
        "header": {
            "title": {"tag": "plain_text", "content": message.title},
            "template": _COLOURS[message.notice.level],
        },
        "elements": [{"tag": "markdown", "content": text}],
    }


def sign(secret: str, stamp: str) -> str:
    """The signature: the text is the key, and nothing is signed with it."""
    return base64.b64encode(hmac.new(f"{stamp}\n{secret}".encode(), b"", sha256).digest()).decode()

"""Webhook: a notice as JSON, signed, under a key by which a repetition is known.

The form is our own, its parts are what others understand. Evidence: the header `Idempotency-Key` is that of
draft-ietf-httpapi-idempotency-key-header-07, section 2; the signature over time and body by HMAC-SHA-256 (RFC 2104) is
made as Stripe ("Verify webhook signatures") and Standard Webhooks make it: `X-Hanwatch-Signature: v1=HEX` of
`TIMESTAMP.BODY`, with `X-Hanwatch-Timestamp` in seconds, so that what was recorded cannot be sent again later.
"""

import hmac
from hashlib import sha256
from typing import Any, Final

import orjson

from correlation.notifying.channel import Bounds, Message
from correlation.notifying.channels.posting import Poster
from correlation.notifying.secret import secret_of
from correlation.notifying.settings import ChannelSettings
from sensors.event.times import SECOND, Clock, iso

BOUNDS: Final = Bounds({"title": 300, "text": 32 << 10})
VERSION: Final = 1


class Webhook:
    """Posts JSON."""

    def __init__(self, settings: ChannelSettings, clock: Clock) -> None:
        self.bounds = BOUNDS
        self._token = secret_of(settings.name, settings.token)
        self._secret = secret_of(settings.name, settings.secret)
        self.secrets = tuple(secret for secret in (self._token, self._secret) if secret)
        self._poster = Poster(settings, settings.url, clock)
        self._clock = clock

    def send(self, message: Message) -> None:
        """Post it."""
        body = orjson.dumps(webhook_document(message), default=str, option=orjson.OPT_NON_STR_KEYS)
        headers = {"Idempotency-Key": message.id}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        if self._secret:
            stamp = str(self._clock() // SECOND)
            headers["X-Hanwatch-Timestamp"] = stamp
            headers["X-Hanwatch-Signature"] = f"v1={signature(self._secret, stamp, body)}"
        self._poster.post(body, headers)

    def reach(self) -> str:
        """Connect."""
        return self._poster.reach()


def signature(secret: str, stamp: str, body: bytes) -> str:
    """What proves that a body is ours and how old it is."""
    return hmac.new(secret.encode(), stamp.encode() + b"." + body, sha256).hexdigest()


def webhook_document(message: Message) -> dict[str, Any]:
    """A message as others read it: names and meaning stay, further names may come."""
    notice = message.notice
    return {
        "version": VERSION,
        "id": message.id,
        "kind": notice.kind,
        "route": notice.route,
        "created": iso(notice.created),
        "level": notice.level,
        "count": notice.count,
        "title": message.title,
        "text": message.bodies["text"],
        "topics": [
            {
                "rule": {"id": topic.rule_id, "title": topic.title, "title_zh": topic.title_zh},
                "level": topic.level,
                "attack": topic.attack,
                "entities": topic.entities,
                "count": topic.count,
                "first": iso(topic.first),
                "last": iso(topic.last),
                "alerts": topic.alerts,
                "evidence": [
                    {
                        "dataset": event.dataset,
                        "time": iso(event.time),
                        "source": event.source,
                        event.unit: event.ordinal,
                        "summary": event.summary,
                    }
                    for event in topic.evidence
                ],
                "evidence_total": topic.evidence_total,
            }
            for topic in notice.topics
        ],
        "more_topics": notice.more,
    }

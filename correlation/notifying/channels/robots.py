"""What the robots of DingTalk, WeCom and Feishu have in common: a number in the answer says whether it was taken."""

from collections.abc import Collection, Mapping
from typing import Any

from correlation.notifying.channels.posting import bounded, document_of
from correlation.notifying.errors import DeliveryDeferred, DeliveryRefused


def check_answer(  # noqa: PLR0913 - what a vendor's document says of its answers
    data: bytes, *, number: str, words: str, passing: Collection[int], crowded: Collection[int] = (), pause: float = 0.0
) -> Mapping[str, Any]:
    """The answer to a message that was taken.

    Args:
        data: the answer's body, whose status was 200 whatever became of the message.
        number: name of the field that is 0 when the message was taken.
        words: name of the field with the reason.
        passing: numbers of what may pass.
        crowded: numbers that say there were too many messages.
        pause: seconds for which the robot is then closed.

    Raises:
        DeliveryDeferred: the message may be taken later.
        DeliveryRefused: it will not.
    """
    answer = document_of(data)
    said = answer.get(number)
    said = said if isinstance(said, int) and not isinstance(said, bool) else None
    if said == 0:
        return answer
    reason = bounded(str(answer.get(words, ""))) or "answer-no-words"
    shown = "" if said is None else said
    if said in crowded:
        raise DeliveryDeferred(reason=reason, answer=shown, retry_after=pause)
    if said in passing or said is None:
        raise DeliveryDeferred(reason=reason, answer=shown)
    raise DeliveryRefused(reason=reason, answer=shown)

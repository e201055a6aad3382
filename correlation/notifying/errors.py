"""What can go wrong in notification: in its settings, and in delivering one message."""

from sensors.errors import Problem


class NotifyingProblem(Problem):
    """The family of notification's errors."""


class ChannelUnknown(NotifyingProblem):
    """No channel has this `name`; `known` lists those there are."""

    code = "notify-channel-unknown"


class MessageUnknown(NotifyingProblem):
    """No message begins with this `id`, or several do, or it is one that cannot be tried again."""

    code = "notify-message-unknown"


class SecretUnusable(NotifyingProblem):
    """A secret that a channel (`name`) refers to (`reference`) is not there, unreadable or empty."""

    code = "notify-secret"


class AuthoritiesUnusable(NotifyingProblem):
    """The file of authorities of a channel (`name`) cannot be read or is no PEM."""

    code = "notify-authorities"


class TemplateUnusable(NotifyingProblem):
    """A template cannot be read, is wrong, or fails on what it is given; the place is its file and line."""

    code = "notify-template"


class DeliveryProblem(NotifyingProblem):
    """The family of what keeps one message from being delivered.

    `reason` is a code of the catalogues or the other side's own words, bounded; `answer` its number where it gave one.
    """

    def __init__(
        self, *, reason: str, answer: int | str, retry_after: float = 0.0, left: tuple[str, ...] = ()
    ) -> None:
        """The failure.

        Args:
            reason: a code or words.
            answer: the other side's number; empty where it gave none.
            retry_after: seconds that the other side asks to be left alone.
            left: recipients who have not got it, where others have; empty for all.
        """
        super().__init__(reason=reason, answer=f"{answer} " if answer != "" else "")
        self.reason = reason
        self.answer = answer
        self.retry_after = retry_after
        self.left = left


class DeliveryDeferred(DeliveryProblem):
    """It was not delivered now, and may be later: the message is tried again."""

    code = "notify-deferred"


class DeliveryRefused(DeliveryProblem):
    """It was refused, and would be again: the message has failed until a person looks at it."""

    code = "notify-refused"

"""What can go wrong in listening."""

from sensors.errors import SensorProblem


class ListeningProblem(SensorProblem):
    """The family of the listeners' errors."""


class ListenerUnusable(ListeningProblem):
    """Listener `name` cannot listen at `address`: the port is taken, a right is missing, there is no such address."""

    code = "listener-unusable"


class CertificateUnusable(ListeningProblem):
    """A certificate, key or list of authorities of listener `name` cannot be read or used; the place is the file."""

    code = "listener-certificate"


class TokensUnusable(ListeningProblem):
    """The file with tokens of listener `name` cannot be read; the place is the file."""

    code = "listener-tokens"


class ListenerTwice(ListeningProblem):
    """Two listeners have the identity `name`; their positions would be one."""

    code = "listener-twice"


class ListenerEnded(ListeningProblem):
    """A part of listener `name` has ended with an error that nobody foresaw; `reason` is the error."""

    code = "listener-ended"

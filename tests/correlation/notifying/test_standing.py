"""A channel that delivers nothing shows, one that failed once and goes on does not."""

from collections.abc import Callable

import pytest
from sqlalchemy import Engine, text

from correlation.alerts.book import AlertBook
from correlation.notifying.outbox import Outbox, Tally
from correlation.notifying.service import Notifier
from correlation.notifying.settings import ChannelSettings, NotifySettings, RouteSettings
from correlation.notifying.standing import LATE, Standing, delivers_nothing, standing
from tests.correlation.clocks import Clock
from tests.correlation.notifying.conftest import an_alert
from tests.correlation.notifying.httpd import Httpd, Reply


@pytest.mark.parametrize(
    ("tally", "nothing"),
    [
        (Tally(0, 0, 0, 0, 0, 0), False),
        (Tally(1, 5, 0, oldest=100, delivered=50, given_up=0), False),
        (Tally(1, 5, 0, oldest=99, delivered=50, given_up=0), True),
        (Tally(0, 5, 1, 0, delivered=50, given_up=51), True),
        (Tally(0, 5, 1, 0, delivered=52, given_up=51), False),
    ],
)
def test_what_a_channel_looks_like_that_delivers_nothing(tally: Tally, *, nothing: bool) -> None:
    assert delivers_nothing(tally, LATE + 100) is nothing


def test_a_dead_channel_degrades_and_one_that_is_gone_does_not(  # noqa: PLR0917 - what it stands between
    engine: Engine, book: AlertBook, notifier: Callable[..., Notifier], httpd: Callable[..., Httpd], clock: Clock,
    closed_port: int,
) -> None:  # fmt: skip
    refusing, fine = httpd(usual=Reply(status=410)), httpd()
    places = {"refusing": refusing.url, "fine": fine.url, "away": f"http://127.0.0.1:{closed_port}"}
    channels = tuple(ChannelSettings(name, "webhook", url=url) for name, url in places.items())
    outbox = Outbox(engine)
    assert standing(outbox, places, clock()) == Standing("ok")
    book.record([an_alert()])
    notifier(NotifySettings(channels, (RouteSettings("all", tuple(places)),))).drain()
    assert standing(outbox, places, clock()) == Standing("degraded", waiting=1, failed=1, dead=1)
    assert standing(outbox, {"fine", "away"}, clock()) == Standing("ok", waiting=1)
    clock.wait(601)
    assert standing(outbox, places, clock()) == Standing("degraded", waiting=1, failed=1, dead=2)
    assert standing(outbox, {"fine"}, clock()) == Standing("ok")
    assert standing(outbox, (), clock()) == Standing("off")
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE notify_outbox RENAME TO elsewhere"))
    assert standing(outbox, places, clock()) == Standing("unknown")

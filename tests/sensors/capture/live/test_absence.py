from sensors.capture.live.absence import Absence, Presence

HERE, DOWN, GONE = Presence.HERE, Presence.DOWN, Presence.GONE


def test_what_is_new_is_said_once_and_an_absence_counts_until_it_ends() -> None:
    absence = Absence(60)
    looks = ((HERE, 1), (DOWN, 2), (DOWN, 3), (GONE, 4), (GONE, 5), (HERE, 7), (HERE, 8), (GONE, 10), (HERE, 11))
    assert [absence.look(presence, now) for presence, now in looks] == [
        False, True, False, True, False, True, False, True, True,
    ]
    assert absence.counts() == {"interface_absences": 2, "interface_absent_seconds": 6}


def test_one_that_is_gone_is_looked_for_less_and_less_often() -> None:
    absence = Absence(3_600)
    absence.look(GONE, 100)
    tries = [now / 4 - 100 for now in range(100 * 4, 230 * 4) if absence.due(now / 4)]
    assert tries == [0, 0.25, 0.75, 1.75, 3.75, 7.75, 15.75, 31.75, 61.75, 91.75, 121.75]
    absence.look(HERE, 300)
    assert not absence.due(301)
    absence.look(GONE, 302)
    assert [absence.due(now) for now in (302, 302.1, 302.25)] == [True, False, True]


def test_it_is_given_up_after_so_long_but_not_while_it_is_only_down() -> None:
    absence = Absence(60)
    absence.look(DOWN, 0)
    assert not absence.over(10_000)
    absence.look(GONE, 10_000)
    assert (absence.over(10_059), absence.over(10_060)) == (False, True)
    at_once = Absence(0)
    at_once.look(GONE, 5)
    assert at_once.over(5)


def test_an_absence_that_does_not_end_counts_up_to_the_end_of_the_capture() -> None:
    absence = Absence(60)
    absence.look(GONE, 5)
    absence.end(15)
    absence.end(15)
    assert absence.counts() == {"interface_absences": 1, "interface_absent_seconds": 10}

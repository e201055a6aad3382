from correlation.intelligence.decay import DAY
from correlation.intelligence.rows import folded, indicator_of
from tests.correlation.intelligence.making import make
from tests.correlation.matcher.making import NOON


def test_a_row_is_the_indicator_again() -> None:
    made = make("a.example", tags=("x", "y"), valid_until=NOON, marking="RED")
    ((_, *row),) = folded([made])
    assert indicator_of(row) == made


def test_what_is_said_twice_is_one_row_with_the_last_word_and_all_sightings() -> None:
    words = [
        make("a.example", confidence=10, first_seen=NOON, last_seen=NOON + DAY),
        make("a.example", provider="other", last_seen=NOON + 9 * DAY),
        make("a.example", confidence=20, first_seen=NOON - DAY, name="last"),
    ]
    one, other = (indicator_of(row[1:]) for row in folded(words))
    assert one == make("a.example", confidence=20, first_seen=NOON - DAY, last_seen=NOON + DAY, name="last")
    assert other == words[1]

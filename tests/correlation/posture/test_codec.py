from hypothesis import given

from correlation.posture.codec import facts_bytes, facts_from, posture_digest, posture_rows
from correlation.posture.model import CITY, Facts
from correlation.posture.scoring import score
from tests.correlation.posture.making import NOON, POLICY, cell, incident, posture
from tests.correlation.posture.test_scoring import FACTS


@given(FACTS)
def test_facts_are_the_same_after_they_were_kept(facts: Facts) -> None:
    text = facts_bytes(facts)
    again = facts_from(text)
    assert facts_bytes(again) == text
    assert posture_digest(score(again, POLICY, NOON)) == posture_digest(score(facts, POLICY, NOON))


def test_a_digest_covers_every_item() -> None:
    one, other = (posture([cell("A", "u")], incident(name, "u")) for name in "ab")
    assert one.city.score == other.city.score
    assert posture_digest(one) != posture_digest(other)
    assert posture_rows(one) == posture_rows(other)
    assert posture_rows(one)[0][:2] == list(CITY)

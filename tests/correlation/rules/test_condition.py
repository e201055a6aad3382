"""Trees of conditions: their leaves, and other names for their fields."""

from correlation.rules.condition import And, Contains, Equals, FieldRef, Not, Null, Or, leaves, rename

TREE = And((Equals("A", "x"), Or((Not(Null("B")), Contains(None, "word"))), FieldRef("C", "D")))


def test_leaves_come_in_order() -> None:
    assert list(leaves(TREE)) == [Equals("A", "x"), Null("B"), Contains(None, "word"), FieldRef("C", "D")]


def test_every_field_is_renamed_and_keywords_have_none() -> None:
    assert rename(TREE, lambda name: f"our.{name}") == And(
        (
            Equals("our.A", "x"),
            Or((Not(Null("our.B")), Contains(None, "word"))),
            FieldRef("our.C", "our.D"),
        )
    )

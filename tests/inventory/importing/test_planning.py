from inventory.errors import (
    ChoiceUnknown,
    FieldLocked,
    FieldMissing,
    KeyNotUnique,
    KeyTaken,
    KeyTwice,
    ReferenceCircular,
    ReferenceNotUnique,
    ReferenceUnknown,
    ValueUnusable,
)
from inventory.model import Batch, Change, Moment
from inventory.registers import registers
from tests.inventory.filling import NOON, Filled

UNITS = registers()["units"]


def test_a_table_becomes_records_and_the_same_table_changes_nothing(filled: Filled) -> None:
    rows = ({"code": "U1", "name": "市局", "parent": "U2"}, {"code": "U2", "name": "市府", "level": "市级"})
    plan = filled.fill("units", *rows)
    assert plan.counts() == {"new": 2, "changed": 0, "same": 0, "gone": 0, "faulty": 0}
    again = filled.fill("units", *rows)
    assert again.counts()["same"] == 2
    records = {one.values["code"]: one for one in filled.inventory.records(UNITS, Moment(NOON))}
    assert records["U1"].values["parent"] == records["U2"].id
    assert records["U2"].values["level"] == "city"
    assert filled.inventory.last() == 1


def test_empty_cells_say_nothing_unless_they_clear(filled: Filled) -> None:
    filled.fill("units", {"code": "U1", "name": "市局", "note": "a"})
    assert filled.fill("units", {"code": "U1", "name": "市局", "note": ""}).counts()["same"] == 1
    plan = filled.fill("units", {"code": "U1", "name": "市局", "note": ""}, clears=True)
    assert plan.outcomes[0].before["note"] == "a"
    (record,) = filled.inventory.records(UNITS, Moment(NOON))
    assert "note" not in record.values


def test_all_that_is_wrong_is_told_once_for_each_cell_and_the_rest_can_be_used(filled: Filled) -> None:
    plan = filled.plan(
        "units",
        {"code": "U1", "name": "市局", "level": "州级", "on_extranet": "也许"},
        {"code": "", "name": "无编码"},
        {"code": "U3", "name": ""},
        {"code": "U4", "name": "好", "parent": "没有的单位"},
        {"code": "U5", "name": "好"},
        {"code": "U5", "name": "又"},
    )
    found = [(one.place.line, one.place.field, type(one)) for one in plan.problems if one.place]
    assert sorted(found, key=str) == sorted(
        [
            (2, "level", ChoiceUnknown), (2, "on_extranet", ValueUnusable), (3, "code", FieldMissing),
            (4, "name", FieldMissing), (5, "parent", ReferenceUnknown), (7, None, KeyTwice),
        ],
        key=str,
    )  # fmt: skip
    assert [one.key for one in plan.outcomes] == ["U5"]
    assert plan.counts()["faulty"] == 5


def test_a_reference_is_found_by_other_names_where_one_record_has_them(filled: Filled) -> None:
    filled.fill("units", {"code": "U1", "name": "市局"}, {"code": "U2", "name": "分局"}, {"code": "U3", "name": "分局"})
    assert filled.plan("systems", {"code": "S1", "name": "一", "unit": "市局"}).problems == []
    (problem,) = filled.plan("systems", {"code": "S1", "name": "一", "unit": "分局"}).problems
    assert isinstance(problem, ReferenceNotUnique)
    assert problem.parameters["found"] == "U2, U3"
    (problem,) = filled.plan("systems", {"code": "S1", "name": "一", "unit": "市 局"}).problems
    assert isinstance(problem, ReferenceUnknown)
    assert problem.parameters["nearest"] == "市局"


def test_what_is_above_itself_is_refused(filled: Filled) -> None:
    filled.fill("units", {"code": "U1", "name": "一"}, {"code": "U2", "name": "二", "parent": "U1"})
    (problem,) = filled.plan("units", {"code": "U1", "name": "一", "parent": "U2"}).problems
    assert isinstance(problem, ReferenceCircular)
    assert problem.parameters["path"] == "U1 → U2 → U1"
    both = filled.plan(
        "units", {"code": "U3", "name": "三", "parent": "U4"}, {"code": "U4", "name": "四", "parent": "U3"}
    )
    assert [type(one) for one in both.problems] == [ReferenceCircular, ReferenceCircular]


def test_rows_may_be_known_by_another_field(filled: Filled) -> None:
    filled.fill("units", {"code": "U1", "name": "一", "credit_code": "91"}, {"code": "U2", "name": "二"})
    plan = filled.plan("units", {"credit_code": "91", "code": "U9", "name": "甲"}, key=("credit_code",))
    assert plan.outcomes[0].becomes == "changed"
    assert plan.outcomes[0].before == {"credit_code": "91", "code": "U1", "name": "一"}
    (problem,) = filled.plan("units", {"credit_code": "91", "code": "U2"}, key=("credit_code",)).problems
    assert isinstance(problem, KeyTaken)
    filled.fill("units", {"code": "U3", "name": "二"})
    (problem,) = filled.plan("units", {"name": "二", "note": "x"}, key=("name",)).problems
    assert isinstance(problem, KeyNotUnique)


def test_keys_of_several_fields_name_a_record_together(filled: Filled) -> None:
    filled.fill("address_spaces", {"name": "a"}, {"name": "b"})
    rows = ({"space": "a", "network": "10.0.0.0/8"}, {"space": "b", "network": "10.0.0.0/8"})
    assert filled.fill("prefixes", *rows).counts()["new"] == 2
    assert filled.fill("prefixes", *rows).counts()["same"] == 2
    assert filled.plan("prefixes", rows[0], rows[0]).problems[0].parameters["key"] == "a 10.0.0.0/8"


def test_a_locked_field_is_changed_by_nobody_who_does_not_say_so(filled: Filled) -> None:
    filled.fill("units", {"code": "U1", "name": "一"})
    (record,) = filled.inventory.records(UNITS, Moment(NOON))
    filled.inventory.write(Batch(filled.now, "tests", "-"), {"units": [Change(record.id, lock=frozenset({"name"}))]})
    assert filled.plan("units", {"code": "U1", "name": "一", "note": "n"}).problems == []
    (problem,) = filled.plan("units", {"code": "U1", "name": "二"}).problems
    assert isinstance(problem, FieldLocked)
    assert (problem.parameters["kept"], problem.parameters["value"]) == ("一", "二")
    assert filled.plan("units", {"code": "U1", "name": "二"}, unlocks=True).problems == []


def test_a_complete_table_ends_what_it_does_not_name(filled: Filled) -> None:
    filled.fill("units", {"code": "U1", "name": "一"}, {"code": "U2", "name": "二"})
    plan = filled.fill("units", {"code": "U1", "name": "一"}, complete=True, valid_from=NOON)
    assert list(plan.gone.values()) == ["U2"]
    names = [[one.values["code"] for one in filled.inventory.records(UNITS, Moment(at))] for at in (NOON - 1, NOON)]
    assert (sorted(names[0]), names[1]) == (["U1", "U2"], ["U1"])
    # It comes back as the one that it was.
    before = {one.id for one in filled.inventory.records(UNITS, Moment(NOON - 1))}
    filled.fill("units", {"code": "U2", "name": "二"}, valid_from=NOON + 5)
    assert {one.id for one in filled.inventory.records(UNITS, Moment(NOON + 5))} == before


def test_what_was_true_once_can_be_said_later(filled: Filled) -> None:
    filled.fill("units", {"code": "U1", "name": "新名"}, valid_from=NOON)
    plan = filled.fill("units", {"code": "U1", "name": "旧名"}, valid_from=NOON - 10)
    assert plan.outcomes[0].becomes == "new"
    names = [[one.values["name"] for one in filled.inventory.records(UNITS, Moment(NOON + at))] for at in (-10, 0)]
    assert names == [["旧名"], ["新名"]]


def test_what_is_known_of_later_times_stays(filled: Filled) -> None:
    filled.fill("units", {"code": "U1", "name": "一", "note": "a"})
    filled.fill("units", {"code": "U1", "name": "二"}, valid_from=NOON)
    assert filled.plan("units", {"code": "U1", "name": "一"}, valid_from=NOON - 5).counts()["same"] == 1
    filled.fill("units", {"code": "U1", "name": "甲", "note": "b"}, valid_from=NOON - 5)
    said = [
        [(one.values["name"], one.values["note"]) for one in filled.inventory.records(UNITS, Moment(NOON + at))]
        for at in (-10, -5, 0)
    ]
    # The name was known to become another one, the note was not.
    assert said == [[("一", "a")], [("甲", "b")], [("二", "b")]]


def test_nobody_is_gone_who_stands_in_a_row_that_cannot_be_used(filled: Filled) -> None:
    filled.fill("units", {"code": "U1", "name": "一"}, {"code": "U2", "name": "二"}, {"code": "U3", "name": "三"})
    rows = ({"code": "U1", "name": "一"}, {"code": "U2", "name": "二", "level": "州级"})
    plan = filled.plan("units", *rows, complete=True)
    assert (len(plan.problems), plan.gone) == (1, {})

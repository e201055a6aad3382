import io

import pytest

from inventory.vulnerabilities.formats import records
from inventory.vulnerabilities.formats.records import Element, xml_records
from sensors.errors import Problem


def read(text: str, *tags: str) -> list[Element | Problem]:
    return list(xml_records(io.BytesIO(text.encode()), "x.xml", *tags))


def test_records_are_given_with_their_place() -> None:
    first, second = read('<a xmlns="u:x"><r><n>1</n></r>\n<r i="2">t<n/>u</r></a>', "r")
    assert isinstance(first, Element)
    assert isinstance(second, Element)
    assert (first.said("n"), first.line, first.said("missing", "n")) == ("1", 1, "")
    assert (second.text, second.attributes, second.line) == ("tu", {"i": "2"}, 2)


def test_what_is_too_large_is_left_out_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "MOST_ELEMENTS", 5)
    found = read("<a><r>" + "<n/>" * 6 + "</r><r><n>fine</n></r></a>", "r")
    assert isinstance(found[0], Problem)
    assert found[0].parameters["reason"] == "entry-too-large"
    assert isinstance(found[1], Element)
    assert found[1].said("n") == "fine"


def test_long_texts_are_cut_and_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "LONGEST_TEXT", 10)
    (found,) = read("<a><r>" + "x" * 50 + "</r></a>", "r")
    assert isinstance(found, Element)
    assert (found.text, found.cut) == ("x" * 10, True)


def test_a_file_that_is_too_large_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "MOST_BYTES", 10)
    (problem,) = read("<a>" + " " * 50 + "</a>", "r")
    assert isinstance(problem, Problem)
    assert problem.parameters["reason"] == "file-too-large"

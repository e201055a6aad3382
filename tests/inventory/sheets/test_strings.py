import io
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.sheets.container import open_parts
from inventory.sheets.errors import SheetUnreadable
from inventory.sheets.model import LIMITS
from inventory.sheets.strings import Strings, shared_strings, unescaped
from tests.inventory.sheets.making import raw


@given(st.lists(st.text()), st.integers(0, 200))
def test_texts_are_the_same_in_memory_and_in_the_file(texts: list[str], in_memory: int) -> None:
    texts = [text.encode("utf-8", "replace").decode() for text in texts]
    with TemporaryFile() as spill:
        strings = Strings(spill, in_memory)
        for text in texts:
            strings.append(text)
        strings.close()
        assert [strings[number] for number in range(len(texts))] == texts
        for number in (-1, len(texts)):
            with pytest.raises(ValueError, match="shared string"):
                strings[number]


def test_no_texts_need_no_file() -> None:
    Strings(io.BytesIO()).close()


def test_runs_are_put_together_and_pronunciations_left_out(tmp_path: Path) -> None:
    xml = (
        "<si><t>甲</t></si><si><r><rPr><b/></rPr><t>乙</t></r><r><t xml:space='preserve'> 丙</t></r>"
        "<rPh sb='0' eb='1'><t>yi</t></rPh></si><si/><si><t>a_x000D_b_x005F_x000D_</t></si><si><t>xxxxxx</t></si>"
    )
    with (
        open_parts(raw(tmp_path / "x.xlsx", "", strings=xml), LIMITS) as parts,
        shared_strings(parts, "xl/sharedStrings.xml", 4) as strings,
    ):
        assert [strings[number] for number in range(5)] == ["甲", "乙 丙", "", unescaped("a_x00"), "xxxxx"]


@given(
    st.lists(
        st.sampled_from([
            "<t>甲</t>", "<t/>", "<t>a&amp;b</t>", "<r><t>x</t></r><r><t>y</t></r>", "<t><![CDATA[</si>]]></t>",
            "<t>x</t><phoneticPr fontId='1'/>", '<t>x</t><phoneticPr fontId="1" type="noConversion"/>',
            '<t xml:space="preserve"> _x000D_ </t>', "<t>too long</t>",
        ]),
        max_size=6,
    ),
)
def test_strings_are_the_same_plainly_and_parsed(pieces: list[str]) -> None:
    document = "".join(f"<si>{piece}</si>" for piece in pieces)
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    with TemporaryDirectory() as folder:
        found = []
        for number, sst in enumerate((f"{head}<sst>{document}</sst>", f"{head}<sst><!-- -->{document}</sst>")):
            path = raw(Path(folder, f"{number}.xlsx"), "", more={"xl/sharedStrings.xml": sst})
            with (
                open_parts(path, LIMITS) as parts,
                shared_strings(parts, "xl/sharedStrings.xml", 6) as strings,
            ):
                found.append([strings[place] for place in range(len(pieces))])
        assert found[0] == found[1]


def test_escapes_stand_for_characters_that_xml_lacks() -> None:
    assert unescaped("a_x000D_b") == "a\rb"
    assert unescaped("_x005F_x000D_") == "_x000D_"
    assert unescaped("_xD800_") == "\ufffd"


def test_a_workbook_without_shared_strings_has_none(tmp_path: Path) -> None:
    with open_parts(raw(tmp_path / "x.xlsx", ""), LIMITS) as parts:
        with shared_strings(parts, None, 10) as strings, pytest.raises(ValueError, match="shared string"):
            strings[0]
        with pytest.raises(SheetUnreadable, match="missing"), shared_strings(parts, "xl/none.xml", 10):
            pass

import pytest

from cli.plain import plain, plain_cell


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[2Jgone", "\\x1b[2Jgone"),
        ("\x9b31mred", "\\x9b31mred"),
        ("over\rwritten", "over\\rwritten"),
        ("\x07bell\x7f", "\\x07bell\\x7f"),
        ("exe.\u202etxt", "exe.\\u202etxt"),
        ("name\udcff.log", "name\\xff.log"),
        ("\ud800", "\\ud800"),
        ("汉字 ok é\tand\nlines", "汉字 ok é\tand\nlines"),
    ],
)
def test_what_a_terminal_would_obey_is_shown(hostile: str, shown: str) -> None:
    assert plain(hostile) == shown


def test_a_cell_stays_one_line() -> None:
    assert plain_cell("one\ntwo\tthree\u2028four") == "one\\ntwo\\tthree\\u2028four"

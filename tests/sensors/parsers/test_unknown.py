"""Lines of no known format: all kept, grouped by what they share, in bounds whatever comes."""

from hypothesis import given, settings
from hypothesis import strategies as st

from sensors.event.fields import fields
from sensors.event.model import Source
from sensors.parser import Lines
from sensors.parsers.unknown import MAX_TEMPLATES, Templates, UnknownLines, looks_like_text

RECEIVED = 1_778_673_600_000_000_000


def lines_of(*texts: bytes) -> Lines:
    offsets = [sum(len(text) + 1 for text in texts[:index]) for index in range(len(texts))]
    return Lines(Source("00" * 16, "text", "app.log"), RECEIVED, texts, offsets, 1)


def test_every_line_is_kept_and_says_that_its_time_is_not_its_own() -> None:
    parsed = UnknownLines().parse(lines_of(b"job 7 done", b"", "任务 8 完成".encode("gb18030")), None)
    rows = [row for batch in parsed.batches for row in batch.rows()]
    assert [row["message"] for row in rows] == ["job 7 done", "任务 8 完成"]
    assert {row["hanwatch.time.origin"] for row in rows} == {"received"}
    assert parsed.skipped == 1
    assert not parsed.rejects
    assert {"hanwatch.template.id", "hanwatch.template.text"} <= fields().keys()


def test_lines_that_differ_in_numbers_addresses_and_a_word_have_one_template() -> None:
    found = Templates().of([f"job {n} of user u{n} failed on 10.0.0.{n}" for n in range(1, 9)])
    assert found[-1][1] == "job <NUM> of user <*> failed on <IP>"
    # The id stays while the template widens.
    assert len({identity for identity, _ in found}) == 1


def test_other_lines_have_another_template() -> None:
    first, second = Templates().of(["disk full on sda", "a user named ops logged in at noon"])
    assert first[0] != second[0]


def test_the_same_lines_give_the_same_ids_in_another_process() -> None:
    lines = ["disk sda is full", "user ops logged in"]
    assert Templates().of(lines) == Templates().of(lines)


def test_templates_are_bounded() -> None:
    templates = Templates()
    templates.of([" ".join(f"{chr(97 + (n * p) % 26)}{chr(97 + (n // p) % 26)}" for p in range(1, 1 + n % 13))
                  for n in range(1, 3 * MAX_TEMPLATES)])  # fmt: skip
    assert len(templates._miner.drain.clusters) <= MAX_TEMPLATES
    assert len(templates._born) <= 1


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(st.text(max_size=80).map(lambda text: text.replace("\n", "")), max_size=8))
def test_arbitrary_text_is_kept_as_it_is(texts: list[str]) -> None:
    parsed = UnknownLines().parse(lines_of(*[text.encode("utf-8", "replace") for text in texts]), None)
    assert sum(map(len, parsed.batches)) + parsed.skipped == len(texts)


def test_long_lines_are_mined_in_part_and_kept_whole() -> None:
    parsed = UnknownLines().parse(lines_of(b"a " * 400_000, b"9" * 800_000), None)
    assert sum(map(len, parsed.batches)) == 2


def test_what_is_no_text_is_told_apart() -> None:
    assert looks_like_text(b"plain text\n")
    assert looks_like_text("中文".encode("gb18030"))
    assert looks_like_text("text\n".encode("utf-16"))
    assert not looks_like_text(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0" + bytes(range(32)) * 8)
    assert not looks_like_text(b"")

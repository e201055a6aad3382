"""Lines of no known format: all kept, grouped by what they share, in bounds whatever comes."""

from hypothesis import given, settings
from hypothesis import strategies as st

from sensors.event.fields import fields
from sensors.event.model import Source
from sensors.parser import Lines
from sensors.parsers.unknown import MAX_TEMPLATES, Templates, UnknownLines, is_text, looks_like_text

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


@settings(max_examples=100, derandomize=True)
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


def test_the_work_for_a_batch_of_lines_is_bounded_and_the_rest_is_kept_without_a_template() -> None:
    # As many templates of 60 words as are kept, so that each line would be compared with all of them.
    lines = [" ".join(f"{chr(97 + number % 26)}{column}x{number}q" for column in range(60)) for number in range(2_000)]
    parser = UnknownLines()
    parsed = parser.parse(lines_of(*(line.encode() for line in lines)), None)
    rows = sorted((row["event.sequence"], row) for batch in parsed.batches for row in batch.rows())
    assert [row["message"] for _, row in rows] == lines
    mined = ["hanwatch.template.id" in row for _, row in rows]
    assert mined[0]
    assert not mined[-1]
    assert mined == sorted(mined, reverse=True)
    assert "hanwatch.template.id" in next(parser.parse(lines_of(b"disk full"), None).batches[0].rows())


def test_a_line_is_text_or_not_by_its_bytes() -> None:
    texts = ["disk full", "门禁 7 打开", "caf\xe9 au lait", "\x1b[31mred\x1b[0m text of a terminal", ""]
    assert all(is_text(text.encode()) for text in texts)
    assert is_text("门禁 7 打开".encode("gb18030"))
    assert is_text("caf\xe9 au lait".encode("latin-1"))
    assert is_text("door 7 opened".encode("utf-16-le"))
    client_hello = bytes.fromhex("1603010200010001fc0303") + bytes(range(200, 232))
    assert not is_text(client_hello)
    assert not is_text(b"\x01\x02\x03\x04 x")
    assert not is_text(bytes(range(128, 256)))

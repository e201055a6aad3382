"""Which files of context have changed since they were read."""

from pathlib import Path

from cli.parts.context import stamps_of


def test_a_stamp_tells_of_content_rights_coming_and_going(tmp_path: Path) -> None:
    file = tmp_path / "context.yml"
    seen = [stamps_of([file])]
    file.write_text("entries: []\n")
    seen.append(stamps_of([file]))
    assert stamps_of([file]) == seen[-1]
    file.chmod(0o400)
    seen.append(stamps_of([file]))
    file.unlink()
    assert stamps_of([file]) == seen[0] == ((str(file), None),)
    assert len(set(seen)) == 3
    assert stamps_of([]) == ()

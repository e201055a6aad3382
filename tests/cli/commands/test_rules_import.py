from pathlib import Path

import pytest

from tests.cli.commands.test_rules import RULE
from tests.cli.conftest import Run


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    folder = tmp_path / "theirs"
    folder.mkdir()
    (folder / "whoami.yml").write_text(RULE)
    (folder / "broken.yml").write_text("title: [")
    return folder


def test_rules_are_taken_and_used_from_then_on(hanwatch: Run, theirs: Path, data: Path) -> None:
    dry = hanwatch("rules", "import", theirs, "--dry-run", "--json")
    assert dry.status == 1
    assert not data.exists()
    assert hanwatch("rules", "show", "Whoami").status == 2
    ran = hanwatch("rules", "import", theirs, "--json")
    assert ran.status == 1
    refused, taken, summary = ran.lines
    assert (refused["code"], Path(refused["file"]).name, refused["line"]) == ("rule-not-yaml", "broken.yml", 2)
    assert (Path(taken["file"]), taken["replaces"]) == (data / "rules" / "theirs" / "whoami.yml", False)
    assert summary == {"files": 1, "rules": 1, "replaced": 0, "unchanged": 0, "refused": 1, "dry_run": False}
    (shown,) = hanwatch("rules", "show", "Whoami", "--json").lines
    assert shown["imported"]["source"] == str(theirs / "whoami.yml")
    assert str(theirs) in hanwatch("rules", "show", "Whoami").out


def test_again_nothing_is_done(hanwatch: Run, theirs: Path) -> None:
    (theirs / "broken.yml").unlink()
    assert hanwatch("rules", "import", theirs).status == 0
    ran = hanwatch("rules", "import", theirs)
    assert ran.status == 0
    assert "1 were there as they are" in ran.err


def test_a_rule_of_the_pack_is_not_taken_twice(hanwatch: Run, tmp_path: Path) -> None:
    file = tmp_path / "mine.yml"
    (shown,) = hanwatch("rules", "show", "ssh_login_refused", "--json").lines
    file.write_text(RULE.replace("11111111-2222-4333-8444-555555555555", shown["id"]))
    ran = hanwatch("rules", "import", file)
    assert ran.status == 1
    assert "everyday.yml:2" in ran.err


def test_a_place_without_rules_is_told(hanwatch: Run, tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    assert hanwatch("rules", "import", tmp_path / "none").status == 2
    assert hanwatch("rules", "import", tmp_path / "absent").status == 3

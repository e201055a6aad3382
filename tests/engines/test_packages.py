"""`make engines` installs every program that a test looks for, so that no test is skipped where it can be."""

import re
from pathlib import Path

import pytest

from tests.engines import __main__ as engines

LOOKED_FOR = re.compile(r"\bwhich\(\"([a-z0-9_-]+)\"\)")
ALWAYS = {"apt-get", "bash", "mount", "unshare"}
"""What Debian has without being asked for, or what installing itself needs."""
ELSEWHERE = {"java", "initdb"}
"""Found by tests.engines.elasticsearch, in the version that it needs, and by tests.engines.postgresql."""


def test_every_program_that_a_test_looks_for_has_its_package() -> None:
    texts = [path.read_text(encoding="utf-8") for path in sorted(Path("tests").rglob("*.py"))]
    wanted = {name for text in texts for name in LOOKED_FOR.findall(text)}
    assert {"rsyslogd", "softflowd", "logger"} <= wanted
    assert wanted - ALWAYS - ELSEWHERE <= engines.PACKAGES.keys()


def test_what_cannot_be_installed_is_named_with_its_package(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(engines.os, "getuid", lambda: 1_000)
    monkeypatch.setattr(engines.shutil, "which", lambda program: None if program == "softflowd" else f"/bin/{program}")
    monkeypatch.setattr(engines.elasticsearch, "jdk", lambda: Path("/usr"))
    monkeypatch.setattr(engines, "FONTS", {})
    engines._install()
    said = capsys.readouterr().err
    assert said == "missing: softflowd; on Debian, as root: apt-get install softflowd\n"

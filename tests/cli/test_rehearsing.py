import sys
import tempfile
from pathlib import Path

import pytest

from cli.rehearsing import rehearse
from cli.settings import Settings
from sensors.capture.live.warming import warm


@pytest.mark.parametrize("matching", [True, False])
def test_a_rehearsal_says_nothing_leaves_nothing_and_has_loaded_what_texts_may_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], matching: bool
) -> None:
    portion = warm()
    capsys.readouterr()  # where kernels are compiled for the first time, that is said
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    rehearse(Settings(data=tmp_path / "theirs"), portion, matching=matching)
    assert not list(tmp_path.iterdir())
    assert capsys.readouterr() == ("", "")
    assert {"encodings.gb18030", "encodings.idna", "encodings.utf_8_sig"} <= sys.modules.keys()

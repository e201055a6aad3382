"""The cache of machine code: told apart by sources, private, bounded, and never needed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sensors.capture import kernels

PROGRAM = """
import sys, tempfile
tempfile.tempdir = sys.argv[1] or None
from sensors.capture import compiled, kernels
from sensors.capture.text import times
import numpy as np
told = times(np.array([0], np.int64))
print(kernels.folder(), told, len(list((compiled._FOLDER or kernels.Path("/nowhere")).rglob("*.nbi"))))
"""


def run(temporary: str = "", **environment: str) -> "subprocess.Popen[str]":
    kept = {name: value for name, value in os.environ.items() if name not in {"XDG_CACHE_HOME", "NUMBA_DISABLE_JIT"}}
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, temporary], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=kept | environment,
    )


def told(process: "subprocess.Popen[str]") -> str:
    out, err = process.communicate(timeout=200)
    assert process.returncode == 0, err
    return out


def test_every_source_file_is_in_the_digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = kernels.digest()
    monkeypatch.setattr(kernels, "__file__", str(tmp_path / "kernels.py"))
    room = Path(before and sys.modules["sensors.capture"].__path__[0])
    for file in room.rglob("*.py"):
        place = tmp_path / file.relative_to(room)
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(file.read_bytes())
    assert kernels.digest() == before
    for file in sorted(tmp_path.rglob("*.py")):
        whole = file.read_bytes()
        file.write_bytes(whole + b"\nANOTHER = 1\n")
        assert kernels.digest() != before, file
        file.write_bytes(whole)


def test_a_protocols_parser_is_not_in_the_digest_and_its_signs_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernels, "__file__", str(tmp_path / "kernels.py"))
    file = tmp_path / "protocols" / "some.py"
    file.parent.mkdir()
    digests = []
    for text in (
        'PORT = 7\nSIGNS = (Sign("00"),)\ndef parse(octets):\n    return octets\n',
        'PORT = 7\nSIGNS = (Sign("00"),)\ndef parse(\n    octets,\n) -> bytes:\n\n    return octets[1:]\n',
        'PORT = 7\nSIGNS = (Sign("01"),)\ndef parse(octets):\n    return octets\n',
        'PORT = 8\nSIGNS = (Sign("00"),)\ndef parse(octets):\n    return octets\n',
        'PORT = 7\ndef parse(octets):\n    return octets\n\nSIGNS = (Sign("02"),)\n',
    ):
        file.write_text(text)
        digests.append(kernels.digest())
    assert digests[0] == digests[1]
    assert len(set(digests)) == 4


def test_another_version_of_numba_has_another_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    before = kernels.digest()
    monkeypatch.setattr("numba.__version__", "0.0")
    assert kernels.digest() != before


def test_it_stands_below_the_users_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    found = kernels.folder()
    assert found == tmp_path / "cache" / "hanwatch" / "kernels" / kernels.digest()
    assert found.stat().st_mode & 0o777 == 0o700
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert kernels.folder() == tmp_path / "home" / ".cache" / "hanwatch" / "kernels" / kernels.digest()


def test_where_the_home_cannot_be_written_it_stands_among_temporary_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder can be made below a file, whoever asks")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    found = kernels.folder()
    assert found is not None
    assert found.parent.parent == tmp_path / f"hanwatch-{os.geteuid()}"
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "file"))
    assert kernels.folder() is None


@pytest.mark.parametrize("level", ["hanwatch", "hanwatch/kernels"])
def test_a_folder_that_others_can_write_to_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, level: str
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / "cache" / level).mkdir(parents=True)
    (tmp_path / "cache" / level).chmod(0o777)
    assert kernels.folder() == tmp_path / f"hanwatch-{os.geteuid()}" / "kernels" / kernels.digest()


def test_folders_of_old_versions_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    home = tmp_path / "hanwatch" / "kernels"
    home.mkdir(parents=True, mode=0o700)
    for number in range(2 * kernels.KEPT):
        (home / f"old{number}").mkdir()
        (home / f"old{number}" / "x.nbc").write_bytes(b"x")
        os.utime(home / f"old{number}", (1_000 + number, 1_000 + number))
    found = kernels.folder()
    assert found is not None
    assert {path.name for path in home.iterdir()} == {found.name} | {
        f"old{number}" for number in range(kernels.KEPT + 1, 2 * kernels.KEPT)
    }


def test_two_processes_compile_at_once_and_a_third_finds_it_done(tmp_path: Path) -> None:
    both = [run(XDG_CACHE_HOME=str(tmp_path)) for _ in range(2)]
    answers = {told(process) for process in both}
    assert len(answers) == 1
    (answer,) = answers
    assert "1970-01-01T00:00:00.000Z" in answer
    kept = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.nbc")}
    assert kept
    assert told(run(XDG_CACHE_HOME=str(tmp_path))) == answer
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.nbc")} == kept


def test_without_any_place_kernels_are_compiled_for_this_run(tmp_path: Path) -> None:
    nowhere = tmp_path / "file"
    nowhere.write_text("no folder can be made below a file, whoever asks")
    answer = told(run(str(nowhere), HOME=str(nowhere)))
    assert "1970-01-01T00:00:00.000Z" in answer
    assert answer.endswith(" 0\n")

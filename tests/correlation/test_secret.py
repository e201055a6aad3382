from pathlib import Path

import pytest

from correlation.secret import SecretMissingError, check_reference, hide, open_to_others, read_secret


@pytest.mark.parametrize("written", ["Bearer hush", "hush", "env:", "vault:hush", "env:HANWATCH_hush"])
def test_what_does_not_only_name_a_secret_is_refused_without_being_repeated(written: str) -> None:
    with pytest.raises(ValueError, match=r"env:NAME|settings") as refused:
        check_reference(written)
    assert "hush" not in str(refused.value)


def test_a_secret_is_read_where_it_is(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(" of a file \n", encoding="utf-8")
    assert read_secret(f"file:{file}") == "of a file"
    assert read_secret("env:NAME", {"NAME": "of a variable"}) == "of a variable"
    assert read_secret("") == ""
    for reference in ("env:OTHER", f"file:{tmp_path / 'none'}", f"file:{tmp_path}"):
        with pytest.raises(SecretMissingError):
            read_secret(reference, {})


def test_a_file_that_others_may_read_is_noticed(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("x")
    for mode, others in ((0o600, False), (0o640, True), (0o604, True)):
        file.chmod(mode)
        assert open_to_others(f"file:{file}") is others
    assert not open_to_others("env:NAME")


def test_secrets_are_taken_out_of_what_others_say() -> None:
    assert hide("the key sesame-key of sesame", ["sesame", "sesame-key", "ke"]) == "the key *** of ***"

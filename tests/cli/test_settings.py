from pathlib import Path

import pytest

from cli.settings import SettingsUnusable, SettingUnknown, load_settings


def test_defaults_live_below_the_data_folder(tmp_path: Path) -> None:
    settings = load_settings(data=tmp_path, environment={})
    assert settings.database_url == f"sqlite:///{tmp_path / 'hanwatch.db'}"
    assert settings.store.kind == "embedded"


def test_the_environment_wins_over_the_file_and_the_command_line_over_both(tmp_path: Path) -> None:
    (tmp_path / "hanwatch.yml").write_text("api:\n  port: 9000\nspool:\n  keep_hours: 5\n")
    settings = load_settings(data=tmp_path, environment={"HANWATCH_API__PORT": "9001", "HANWATCH_DATA": "/elsewhere"})
    assert (settings.api.port, settings.spool.keep_hours, settings.data) == (9001, 5, tmp_path)


def test_an_unknown_key_says_its_line_and_what_was_meant(tmp_path: Path) -> None:
    file = tmp_path / "hanwatch.yml"
    file.write_text("api:\n  port: 9000\nspool:\n  max_byte: 5\n")
    with pytest.raises(SettingUnknown) as refused:
        load_settings(data=tmp_path, environment={})
    assert str(refused.value.place) == f"{file}:4"
    assert refused.value.parameters == {"key": "spool.max_byte", "nearest": "spool.max_bytes"}


def test_an_unknown_variable_is_refused_too(tmp_path: Path) -> None:
    with pytest.raises(SettingUnknown, match="HANWATCH_API__PROT"):
        load_settings(data=tmp_path, environment={"HANWATCH_API__PROT": "1"})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("api:\n  port: many\n", "valid integer"),
        ("api:\n  port: 70000\n", "0 .* to 65535"),
        ("api:\n  host: 0.0.0.0\n", "loopback"),
        ("- a list\n", "not a mapping"),
        ("api: {port\n", "expected ',' or '}'"),
        ("store:\n  kind: redis\n", "elasticsearch"),
    ],
)
def test_what_cannot_be_used_says_why(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "hanwatch.yml").write_text(text)
    with pytest.raises(SettingsUnusable, match=said):
        load_settings(data=tmp_path, environment={})


def test_a_settings_file_that_was_named_must_exist(tmp_path: Path) -> None:
    with pytest.raises(SettingsUnusable, match="No such file"):
        load_settings(tmp_path / "none.yml", tmp_path, {})

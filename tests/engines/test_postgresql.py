"""The support itself: what is missing is said in one line."""

from pathlib import Path

import pytest

from tests.engines import postgresql
from tests.engines.processes import EngineMissingError


@pytest.mark.parametrize(("gone", "said"), [("programs", "make engines"), ("find_spec", "psycopg")])
def test_what_is_missing_is_named_in_one_line(monkeypatch: pytest.MonkeyPatch, gone: str, said: str) -> None:
    for name, there in (("programs", Path("/usr/bin")), ("find_spec", "there")):
        monkeypatch.setattr(postgresql, name, lambda *_, there=there, name=name: None if name == gone else there)
    lack = postgresql.missing()
    assert lack is not None
    assert said in lack
    assert "\n" not in lack
    with pytest.raises(EngineMissingError):
        postgresql.start()

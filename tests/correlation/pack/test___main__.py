"""The command that writes the page."""

import runpy

import pytest

from correlation.pack.catalogue import correlations, entries, page


def test_writes_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_module("correlation.pack", run_name="__main__")
    assert capsys.readouterr().out == page(entries(), correlations())

from tests.cli.conftest import Run


def test_nothing_to_follow_is_told(hanwatch: Run) -> None:
    ran = hanwatch("sensor")
    assert ran.status == 2
    assert "name files or folders to follow" in ran.err

import gc

from cli.steady import COLLECT_AFTER, steady


def test_the_collector_is_as_before_once_the_outermost_ends() -> None:
    usual = gc.get_threshold()
    assert gc.get_freeze_count() == 0

    with steady():
        with steady():
            assert gc.get_threshold()[0] == COLLECT_AFTER
        assert gc.get_threshold()[0] == COLLECT_AFTER
        assert gc.get_freeze_count() > 0

    assert gc.get_threshold() == usual
    assert gc.get_freeze_count() == 0


def test_what_is_steady_already_is_not_looked_at_again() -> None:
    much = [[number] for number in range(100_000)]

    with steady():
        frozen = gc.get_freeze_count()
        with steady():
            assert gc.get_freeze_count() >= frozen > len(much)

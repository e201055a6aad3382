from sensors import installed
from sensors.installed import installed as version


def test_a_version_is_read_once() -> None:
    before = installed.installed.cache_info().misses
    assert version("pytest") == version("pytest")
    assert installed.installed.cache_info().misses <= before + 1

import gc

import pytest

from cli.parts.audits import without_collecting


def test_garbage_is_looked_for_again_afterwards() -> None:
    def fail() -> None:
        assert not gc.isenabled()
        raise ValueError("x")

    with pytest.raises(ValueError, match="x"), without_collecting():
        fail()
    assert gc.isenabled()

from typing import Any

import numba
import numpy as np
import pytest
import structlog

from sensors.capture import compiled, flowing, hellos, pairing, slots, stream, text
from sensors.capture.table import Table, make


def _swap(table: Table) -> None:
    table.numbers[0], table.rows[0, 0] = table.rows[0, 0], table.numbers[0]


def _twice(table: Table) -> None:
    for _ in range(int(table.numbers[1])):
        swap(table)


swap = numba.njit(inline="never", **compiled.OPTIONS)(_swap)


def test_kernels_count_no_references() -> None:
    # Should this fail after an upgrade of numba: its private option `_nrt` is gone or does nothing. Take it out of
    # `compiled.OPTIONS`, measure with `hanwatch bench capture`, and hand the table's arrays over one by one if need be.
    table = make(1, 8, 10)
    kernel = numba.njit(**compiled.OPTIONS)(_twice)
    kernel(table)
    (code,) = kernel.inspect_llvm().values()
    assert "NRT_incref" not in code
    assert "NRT_decref" not in code


@pytest.mark.parametrize(("options", "called"), [(compiled.INLINED, False), (compiled.OPTIONS, True)])
def test_parts_of_kernels_are_not_called(options: dict[str, Any], called: bool) -> None:
    # Should this fail after an upgrade of numba: `forceinline`, which numba does not describe, is gone or does nothing
    # (where `called` is false), or LLVM inlines so much that it is not needed (where it is true). Take it out of
    # `compiled.INLINED` and measure with `hanwatch bench capture`; without it reading took a twentieth longer.
    inner: Any = flowing._flow
    part = numba.njit(**options)(inner.py_func)

    def kernel(table: Table) -> int:
        return int(part(table, table.packet, table.address, 0, 0, 0, 1)[0])

    outer = numba.njit(**compiled.OPTIONS)(kernel)
    assert outer(make(1, 8, 10)) == 0
    (code,) = outer.inspect_llvm().values()
    calls = [line for line in code.splitlines() if " call " in line]
    assert any("flowing5_flow" in line for line in calls) == called


def test_every_kernel_is_compiled_that_way() -> None:
    kernels: list[Any] = [slots.free_spent, flowing.advance, pairing.pair, hellos.gather, text._times]
    for kernel in kernels:
        options = kernel.targetoptions
        assert compiled.OPTIONS.items() <= options.items()
    parts: list[Any] = [stream.segment, slots.hand_out, flowing._flow]
    for part in parts:
        options = part.targetoptions
        assert compiled.INLINED.items() <= options.items()


def test_one_line_says_that_reading_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "_PREPARED", False)
    compiled.announce.cache_clear()
    with structlog.testing.capture_logs() as logs:
        compiled.announce()
        compiled.announce()
    (line,) = logs
    assert (line["log_level"], line["event"]) == ("warning", "compiling the capture kernels")


def test_nothing_is_said_where_the_kernels_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "_PREPARED", True)
    compiled.announce.cache_clear()
    with structlog.testing.capture_logs() as logs:
        compiled.announce()
    assert not logs
    assert text.times(np.array([0], np.int64)) == ["1970-01-01T00:00:00.000Z"]

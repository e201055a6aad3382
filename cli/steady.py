"""The garbage collector while long work goes on: in one place, for every command that reads, matches or stores."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

COLLECT_AFTER = 200_000
"""Containers that may be made, beyond those given back, before the garbage collector looks at them."""


def settle_anew() -> None:
    """Something large was replaced while `steady` lasts: what went goes, and what is there now stays."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()


@contextmanager
def steady() -> Iterator[None]:
    """Long work begins: what is there now stays, and the garbage collector looks at the rest less often.

    Events are trees that counting references gives back at once. The collector's usual habit, to look after every 700
    new containers and now and then at everything, costs parsing up to half of its time (docs/benchmarks.md).

    Inside itself it adds what is there by now; the outermost ends it, so that no other has to look at everything anew,
    which takes half a second once all rules are loaded.
    """
    usual = gc.get_threshold()
    outermost = usual[0] != COLLECT_AFTER
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER, 20, 100)
    try:
        yield
    finally:
        if outermost:
            gc.set_threshold(*usual)
            gc.unfreeze()

"""The command that writes the page, in a process of its own: nothing else may write between its lines."""

import subprocess
import sys

from correlation.pack.catalogue import correlations, entries, page


def test_writes_the_page() -> None:
    done = subprocess.run([sys.executable, "-m", "correlation.pack"], capture_output=True, check=True, timeout=60)
    assert done.stdout.decode() == page(entries(), correlations())

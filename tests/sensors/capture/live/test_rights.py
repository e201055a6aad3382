import os
import subprocess
import sys

import pytest

from sensors.capture.errors import RightsNotDropped
from sensors.capture.live.rights import drop

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="becoming another user needs root")
PROGRAM = """
import os, sys
from sensors.capture.live.rights import capabilities, drop
before = capabilities()
name = drop(sys.argv[1])
try:
    os.setuid(0)
    back = True
except OSError:
    back = False
print(name, os.getuid(), os.getgid(), len(os.getgroups()), capabilities(), before > 0, back)
"""


def dropped(*words: str, user: str = "") -> list[str]:
    done = subprocess.run(
        [*words, sys.executable, "-c", PROGRAM, user], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@as_root
def test_root_becomes_another_user_for_good() -> None:
    name, user, group, groups, capabilities, before, back = dropped(user="nobody")
    assert (name, before, back, capabilities) == ("nobody", "True", "False", "0")
    assert "0" not in {user, group}
    assert int(groups) <= 1


@as_root
@pytest.mark.parametrize(("user", "reason"), [("no-such-user", "no such user"), ("root", "this user is root")])
def test_what_is_no_user_to_become_is_told(user: str, reason: str) -> None:
    with pytest.raises(RightsNotDropped) as caught:
        drop(user)
    assert caught.value.parameters["reason"] == reason

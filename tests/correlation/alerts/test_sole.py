import subprocess
import sys

import pytest
from sqlalchemy import Engine

from correlation.alerts.book import AlertBook
from correlation.alerts.errors import DatabaseTaken
from correlation.alerts.schema import open_database
from correlation.alerts.sole import RoleLostError, sole
from tests.databases import KINDS, address, closing, cut_all

HOLD = """
import sys, time
from correlation.alerts.schema import open_database
from correlation.alerts.sole import sole
with sole(open_database(sys.argv[1]), "correlator"):
    print("held", flush=True)
    time.sleep(600)
"""


def test_a_role_is_one_process_s_until_that_ends_or_is_killed(engine: Engine) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLD, address(engine)], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(DatabaseTaken, match="correlator"), sole(engine, "correlator"):
            pass
        with sole(engine, "notifier"):
            assert AlertBook(engine).page().total == 0, "who reads is not held up"
        other.kill()
        other.wait()
    for _ in range(2):
        with sole(engine, "correlator"):
            pass


def test_two_databases_have_a_role_each(engine: Engine, request: pytest.FixtureRequest) -> None:
    with sole(engine, "correlator"), sole(request.getfixturevalue("databases")("other"), "correlator"):
        pass


@pytest.mark.parametrize("databases", KINDS[1:], indirect=True)
def test_who_lost_the_role_with_the_server_does_no_more(engine: Engine) -> None:
    with sole(engine, "correlator"):
        AlertBook(engine).page()
        cut_all(engine)
        with (
            closing(open_database(address(engine))) as another,
            sole(another, "correlator"),
            pytest.raises(RoleLostError),
        ):
            AlertBook(engine).page()
    assert AlertBook(engine).page().total == 0, "who begins anew is served"

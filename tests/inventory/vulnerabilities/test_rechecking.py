from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from inventory.vulnerabilities.model import Coverage, ScanFinding
from inventory.vulnerabilities.rechecking import Scan, after, folded, identity, scan_of, stated
from tests.inventory.vulnerabilities.making import items

FINDING = ScanFinding("nessus", "192.0.2.1", "7", "synthetic", port=443, protocol="tcp")
COVERED = Coverage("nessus", "192.0.2.1", (("", 0, 0), ("tcp", 1, 1024)), frozenset({"7", "8"}), 1)
NAME = identity(FINDING)
SEEN = Scan("s1", 100, (FINDING,), (COVERED,))


def test_a_finding_is_closed_by_proof_and_opened_again() -> None:
    states = folded([SEEN, Scan("s2", 200, (), (COVERED,))])
    assert (states[NAME].status, states[NAME].closed, states[NAME].closed_by) == ("closed", 200, "s2")
    again = after(states, Scan("s3", 300, (FINDING,), (COVERED,)))[NAME]
    assert (again.status, again.reopened, again.first_seen, again.last_seen) == ("open", 1, 100, 300)
    assert (again.closed, again.closed_by) == (None, "")


def test_nothing_is_closed_without_proof() -> None:
    for proof in (
        (),
        (replace(COVERED, plugins=None),),
        (replace(COVERED, plugins=frozenset({"8"})),),
        (replace(COVERED, ports=(("tcp", 1, 80), ("", 0, 0))),),
        (replace(COVERED, ports=(("udp", 1, 1024),)),),
        (replace(COVERED, target="192.0.2.2"),),
        (replace(COVERED, scanner="openvas"),),
    ):
        assert folded([SEEN, Scan("s2", 200, (), proof)])[NAME].status == "open"


def test_a_scan_that_could_not_log_in_closes_nothing_that_one_saw_that_could() -> None:
    inside = Scan("s1", 100, (replace(FINDING, credentialed=True),))
    assert folded([inside, Scan("s2", 200, (), (COVERED,))])[NAME].status == "open"
    logged_in = Scan("s2", 200, (), (replace(COVERED, credentialed=True),))
    assert folded([inside, logged_in])[NAME].status == "closed"
    assert folded([SEEN, logged_in])[NAME].status == "closed"


def test_an_older_scan_closes_nothing() -> None:
    states = folded([SEEN])
    assert after(states, Scan("s0", 50, (), (COVERED,)))[NAME].status == "open"
    assert after(states, Scan("s1", 100, (), (COVERED,)))[NAME].status == "open"


def test_a_file_becomes_a_scan_and_a_person_may_say_what_ran() -> None:
    scan, problems = scan_of("o1", 100, items("good.openvas.xml"))
    assert len(problems) == 1
    empty = Scan("o2", 200, (), scan.coverage)
    weak = identity(scan.findings[0])
    assert folded([scan, empty])[weak].status == "open"
    said = stated(empty, [("tcp", 1, 65_535)], ["1.3.6.1.4.1.25623.1.0.108031"])
    states = folded([scan, said])
    assert states[weak].status == "closed"
    other = [state for state in states.values() if state.latest.target == "192.0.2.21"]
    assert [state.status for state in other] == ["open"], "its scan did not come to its end"


def test_ids_do_not_depend_on_how_a_finding_looks() -> None:
    assert identity(replace(FINDING, title="x", evidence="y", seen=7, severity="high")) == NAME
    assert identity(replace(FINDING, port=444)) != NAME


scans = st.builds(
    Scan,
    st.sampled_from("abc"),
    st.integers(0, 6),
    st.lists(st.builds(lambda plugin: replace(FINDING, plugin=plugin), st.sampled_from("789")), max_size=3).map(tuple),
    st.sampled_from([(), (COVERED,), (replace(COVERED, plugins=frozenset("789")),)]),
)


@given(st.lists(scans, max_size=6, unique_by=lambda one: (one.at, one.id)), st.randoms())
def test_the_fold_does_not_depend_on_the_order_that_scans_come_in(told: list[Scan], random: object) -> None:
    mixed = list(told)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    states = folded(told)
    assert folded(mixed) == states
    assert folded([*told, *told]) == states
    for state in states.values():
        assert (state.status == "closed") == (state.closed is not None) == bool(state.closed_by)
        assert state.first_seen <= state.last_seen
        shown = [one.at for one in told for finding in one.findings if identity(finding) == state.id]
        assert (state.first_seen, state.last_seen) == (min(shown), max(shown))

"""What belongs together, and what does not: each test tells a story of alerts and says how many incidents there are."""

from pathlib import Path

import pytest

from correlation.alerts.model import Alert
from correlation.incidents.errors import PolicyUnusable
from correlation.incidents.facts import facts_of
from correlation.incidents.linking import Linking, LinkingPolicy, linking_policy
from correlation.incidents.model import Placement
from sensors.event.times import SECOND
from tests.correlation.incidents.making import HOUR, MINUTE, NOON, alert

POLICY = linking_policy()


def placed(*alerts: Alert, policy: LinkingPolicy = POLICY) -> list[Placement]:
    linking = Linking(policy)
    ordered = sorted((facts_of(one, policy.most_values) for one in alerts), key=lambda one: one.order)
    return [linking.place(facts) for facts in ordered]


def grouped(*alerts: Alert, policy: LinkingPolicy = POLICY) -> int:
    """How many incidents there are in the end."""
    linking = Linking(policy)
    facts = sorted((facts_of(one, policy.most_values) for one in alerts), key=lambda one: one.order)
    found = [linking.place(one).incident for one in facts]
    return len({linking.root(one) for one in found})


def test_alerts_of_one_source_within_the_quiet_time_are_one_incident_and_later_ones_another() -> None:
    first, second, third = placed(
        alert(0, "a", source="10.1.2.3", destination="10.0.0.1"),
        alert(119, "b", source="10.1.2.3", destination="10.0.0.2"),
        alert(240, "c", source="10.1.2.3", destination="10.0.0.3"),
    )
    assert first.reasons == ()
    assert second.incident == first.incident != third.incident
    (reason,) = second.reasons
    assert (reason.link, reason.entity, reason.gap) == ("same-source", ("address", "10.1.2.3"), 119 * MINUTE)
    assert third.reasons == ()


def test_a_later_tactic_joins_for_longer() -> None:
    _, later = placed(
        alert(0, "a", ["initial-access"], source="192.0.2.9", destination="10.0.0.1"),
        alert(600, "b", ["exfiltration"], source="192.0.2.9", destination="10.0.0.7"),
    )
    assert [(one.link, one.tactic, one.after) for one in later.reasons] == [("later-tactic", "TA0010", "TA0001")]
    assert grouped(
        alert(0, "a", ["exfiltration"], source="192.0.2.9"), alert(600, "b", ["initial-access"], source="192.0.2.9")
    ) == 2  # fmt: skip
    assert grouped(
        alert(0, "a", ["initial-access"], source="192.0.2.9"),
        alert(24 * 60 + 1, "b", ["exfiltration"], source="192.0.2.9"),
    ) == 2  # fmt: skip


def test_a_victim_that_attacks_others_joins_and_says_so() -> None:
    _, second, third = placed(
        alert(0, "a", ["initial-access"], source="192.0.2.9", destination="10.0.0.1"),
        alert(300, "b", ["lateral-movement"], source="10.0.0.1", destination="10.0.0.2"),
        alert(900, "b", ["lateral-movement"], source="10.0.0.2", destination="10.0.0.3"),
    )
    assert second.incident == third.incident
    assert [(one.link, one.entity.value, one.tactic, one.after) for one in second.reasons] == [
        ("lateral", "10.0.0.1", "TA0008", "TA0001")
    ]
    assert third.reasons[0].link == "lateral", "a worm goes on with the same tactic"


def test_an_alert_that_two_incidents_lead_to_joins_them_into_the_one_that_began_first() -> None:
    first, second, both, again = placed(
        alert(0, "a", ["initial-access"], source="192.0.2.9", destination="10.0.0.1"),
        alert(5, "b", ["discovery"], source="10.0.0.1", user="zhang", destination="10.0.0.4"),
        alert(6, "c", user="li", host="h1"),
        alert(7, "d", user="li", source="10.0.0.1", host="h2"),
    )
    assert first.incident == second.incident == again.incident
    assert again.merged == (both.incident,)
    assert {one.link for one in again.reasons} >= {"same-source", "same-user"}


def test_what_many_share_joins_nothing() -> None:
    assert grouped(*(alert(n, f"r{n}", destination="ff02::1", source=f"fe80::{n}") for n in range(5))) == 5
    assert grouped(*(alert(n, f"r{n}", user="root", host=f"h{n}") for n in range(5))) == 5
    assert grouped(*(alert(n, f"r{n}", user="li.wei", host=f"h{n}") for n in range(5))) == 1


def test_a_portal_that_everybody_attacks_joins_its_first_attackers_and_then_nobody() -> None:
    attacks = [
        alert(n, "scan", ["reconnaissance"], source=f"203.0.113.{n}", destination="10.20.0.80") for n in range(60)
    ]
    compromised = alert(70, "c2", ["command-and-control"], source="10.20.0.80", destination="198.51.100.7")
    many = grouped(*attacks, compromised)
    assert many == 60 - POLICY.most_actors + 1, "nine by one rule are one, the others and the portal stand alone"
    assert grouped(*attacks[:8], compromised) == 1


def test_a_gateway_keeps_its_own_alerts_and_hands_on_nothing() -> None:
    behind = [alert(n / 10, f"r{n}", source="10.9.0.1", destination=f"192.0.2.{n}") for n in range(70)]
    assert grouped(*behind) == 1
    victim_attacks = alert(20, "x", ["lateral-movement"], source="192.0.2.69", destination="10.3.3.3")
    assert grouped(*behind, victim_attacks) == 2, "who was met by a gateway and by no tactic is no next step"
    other = alert(8, "y", source="10.9.0.1", user="wang", host="h")
    assert grouped(alert(7.5, "z", user="wang", host="h2"), *behind, other) == 2, "a gateway joins no two incidents"


def test_different_sources_on_one_victim_are_one_incident_only_by_rule_or_tactic() -> None:
    def both(rule: str, tactic: str) -> int:
        return grouped(
            alert(0, "a", ["initial-access"], source="192.0.2.1", destination="10.0.0.1"),
            alert(1, rule, [tactic], source="192.0.2.2", destination="10.0.0.1"),
        )

    assert both("a", "initial-access") == 1
    assert both("b", "persistence") == 1
    assert both("b", "initial-access") == 2
    assert both("b", "reconnaissance") == 2


def test_what_happens_on_a_host_without_a_source_belongs_to_what_happened_there() -> None:
    assert grouped(
        alert(0, "guess", ["credential-access"], source="198.51.100.23", host="cloud-3"),
        alert(1, "account", ["persistence"], host="cloud-3"),
        alert(2, "other", [], host="cloud-3"),
        alert(3, "other", [], host="cloud-4"),
    ) == 2  # fmt: skip


def test_a_system_joins_along_the_kill_chain_alone() -> None:
    first = alert(0, "a", ["initial-access"], source="192.0.2.1", destination="10.0.0.1", system="HIS")
    assert grouped(first, alert(9, "b", ["impact"], destination="10.0.0.2", system="HIS")) == 1
    assert grouped(first, alert(9, "b", ["initial-access"], destination="10.0.0.2", system="HIS")) == 2
    assert grouped(first, alert(9, "b", ["impact"], destination="10.0.0.2", unit="health")) == 2


def test_the_same_address_in_two_tenants_is_two() -> None:
    assert grouped(*(alert(n, source="10.0.0.1", space=f"tenant-{n}") for n in range(3))) == 3


def test_a_sweep_joins_by_who_does_it_and_not_by_its_victims() -> None:
    sweep = alert(0, "sweep", ["discovery"], source=["10.0.0.9"] * 20, destination=[f"10.1.0.{n}" for n in range(20)])
    assert grouped(sweep, alert(1, "b", ["lateral-movement"], source="10.0.0.9", destination="10.1.0.3")) == 1
    assert grouped(sweep, alert(1, "b", ["lateral-movement"], source="10.1.0.3", destination="10.2.0.3")) == 2


def test_an_incident_takes_nothing_more_when_it_has_become_too_old() -> None:
    policy = LinkingPolicy(2 * HOUR, 24 * HOUR, 5 * HOUR, 1_000, 8, 8, 50, POLICY.shared)
    found = placed(*(alert(60 * n, source="10.0.0.1") for n in range(12)), policy=policy)
    assert [one.incident for one in found].count(found[0].incident) == 6


def test_memory_is_bounded_and_an_alert_that_was_forgotten_joins_nothing() -> None:
    policy = LinkingPolicy(2 * HOUR, 24 * HOUR, 168 * HOUR, 3, 8, 8, 50, POLICY.shared)
    others = [alert(1 + n / 10, source=f"10.0.1.{n}") for n in range(2)]
    again = alert(2, source="10.0.0.1")
    assert grouped(alert(0, source="10.0.0.1"), *others, again, policy=policy) == 3
    assert grouped(alert(0, source="10.0.0.1"), *others, alert(1.5, source="10.0.1.9"), again, policy=policy) == 5


def test_forgetting_keeps_no_more_than_the_horizon_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("correlation.incidents.linking._SWEEP_EVERY", 16)
    linking = Linking(POLICY)
    for number in range(640):
        linking.place(facts_of(alert(number * 60, source=f"10.0.0.{number % 256}", host=f"h{number}"), 8))
    assert len(linking._traces) < 3 * 2 * 24 + 3 * 16
    assert len(linking._begun) < 2 * 24 + 16
    assert NOON % SECOND == 0


def test_a_fold_that_is_taken_up_again_anywhere_goes_on_as_it_would_have(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("correlation.incidents.linking._SWEEP_EVERY", 2)
    policy = LinkingPolicy(2 * HOUR, 4 * HOUR, 10 * HOUR, 1_000, 8, 8, 50, POLICY.shared)
    alerts = [alert(35 * n, source=f"10.0.0.{n % 2}", destination=f"10.1.0.{n}") for n in range(40)]
    whole = placed(*alerts, policy=policy)
    begun: dict[str, int] = {}
    for one in whole:
        begun.setdefault(one.incident, one.facts.time)
    for place, one in enumerate(whole):
        again = Linking(policy)
        earlier = [before for before in whole[:place] if before.facts.time >= one.facts.time - policy.horizon]
        again.recall(earlier, begun)
        assert again.place(one.facts) == one


def test_a_site_says_whom_many_share_and_the_product_says_so_still(tmp_path: Path) -> None:
    (tmp_path / "linking.yml").write_text(
        "quiet: 30m\nshared:\n  - {network: 10.20.0.53, reason: resolver}\n  - {asset: Proxy-1, reason: proxy}\n"
    )
    policy = linking_policy(tmp_path / "linking.yml")

    def joined(minutes: int, **said: str) -> bool:
        return grouped(*(alert(minutes * n, f"r{n}", **said) for n in range(2)), policy=policy) == 1

    assert joined(29, source="10.20.0.54")
    assert not joined(31, source="10.20.0.54")
    assert not joined(1, source="10.20.0.53")
    assert not joined(1, from_asset="Proxy-1")
    assert not joined(1, user="root")
    same = [alert(n, "r", source="10.20.0.53", destination="192.0.2.1") for n in range(2)]
    assert grouped(*same, policy=policy) == 1, "a repetition joins whatever it is about"


@pytest.mark.parametrize(
    "text",
    ["quiet: soon", "shared: [{network: 10.0.0.1/8, reason: x}]", "shared: [{user: x}]", "most_actors: 0", "odd: 1"],
)
def test_rules_of_joining_that_cannot_be_used_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "linking.yml").write_text(text)
    with pytest.raises(PolicyUnusable):
        linking_policy(tmp_path / "linking.yml")

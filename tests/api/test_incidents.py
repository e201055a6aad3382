from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.incident_documents import tactic_text
from api.messages import LANGUAGES, Language
from api.ports import Services
from cli.house import House
from cli.parts.incidents import served_incidents
from cli.settings import load_settings
from correlation.incidents.tactics import tactics
from tests.correlation.incidents.making import alert

TOKEN = "a-token-of-the-test"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    """A house with two incidents, the older of two alerts on a system of critical infrastructure."""
    with House(load_settings(data=tmp_path / "data", environment={})) as house:
        house.book.record([
            alert(0, "web", ["initial-access"], source="203.0.113.9", destination="10.0.0.1", cii=True, grade=3),
            replace(
                alert(7, "lateral", ["lateral-movement"], "critical", source="10.0.0.1", destination="10.0.0.2"),
                title_zh="",
            ),
            alert(90, "scan", ["discovery"], "medium", source="192.0.2.7", destination="10.5.0.1"),
        ])  # fmt: skip
        house.grouping().write(None)
        services = Services(
            house.store, house.book, house.spool, house.clock, TOKEN, "0.0.0", incidents=served_incidents(house),
            posture=house.posture,
        )
        headers = {"Authorization": f"Bearer {TOKEN}", "Accept-Language": "en"}
        with TestClient(create_app(services), base_url="http://127.0.0.1", headers=headers) as opened:
            yield opened


def _first(client: TestClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/api/v1/incidents", params={"severity": "critical"}).json()["incidents"][0]
    return found


def _change(client: TestClient, name: str, **body: Any) -> Any:
    return client.post(f"/api/v1/incidents/{name}/changes", json=body)


def test_incidents_are_listed_page_by_page_with_what_their_score_is_made_of(client: TestClient) -> None:
    page = client.get("/api/v1/incidents", params={"limit": 1}).json()
    assert (page["total"], len(page["incidents"])) == (2, 1)
    older = client.get("/api/v1/incidents", params={"limit": 1, "after": page["after"]}).json()
    (found,) = older["incidents"]
    assert older["after"] is None
    assert found["score"] == min(100, sum(part["points"] for part in found["parts"]))
    assert found["warning"] == {"colour": "orange", "rule": "cii-severe", "verified": False}
    assert [part["code"] for part in found["parts"]] == ["level", "cii", "grade", "rules", "stages", "lateral"]
    assert (found["tactics"], found["tactic_texts"]) == (
        ["initial-access", "lateral-movement"], ["initial access", "lateral movement"],
    )  # fmt: skip
    assert client.get("/api/v1/incidents", params={"state": "closed"}).json()["total"] == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_tactic_has_words_by_its_name_and_its_id(language: Language) -> None:
    for one in tactics().values():
        assert tactic_text(one.id, language) == tactic_text(one.name, language) != ""
    assert tactic_text("", language) == ""


def test_one_has_a_timeline_with_reasons_in_the_asked_language(client: TestClient) -> None:
    name = _first(client)["id"]
    whole = client.get(f"/api/v1/incidents/{name[:8]}").json()
    first, second = whole["timeline"]
    assert first["reasons"] == []
    reason = f"victim of {name[:12]} became attacker, 10.0.0.1: lateral movement after initial access"
    assert second["reasons"][0]["text"] == reason
    chinese = client.get(f"/api/v1/incidents/{name}", headers={"Accept-Language": "zh"}).json()
    assert "转为攻击方" in chinese["timeline"][1]["reasons"][0]["text"]
    page = client.get(f"/api/v1/incidents/{name}", params={"limit": 1}).json()
    rest = client.get(f"/api/v1/incidents/{name}", params={"limit": 1, "after": page["after"]}).json()
    assert [one["id"] for one in (*page["timeline"], *rest["timeline"])] == [first["id"], second["id"]]


def test_rules_are_named_by_id_and_in_the_asked_language(client: TestClient) -> None:
    listed = client.get("/api/v1/incidents", params={"severity": "critical"})
    chinese = client.get("/api/v1/incidents", params={"severity": "critical"}, headers={"Accept-Language": "zh"})
    (english,), (zh,) = listed.json()["incidents"], chinese.json()["incidents"]
    assert english["rules"] == zh["rules"] == {"web": 1, "lateral": 1}
    assert english["titles"] == {"web": "Rule web", "lateral": "Rule lateral"}
    assert zh["titles"] == {"web": "规则 web", "lateral": "Rule lateral"}, "which has no Chinese title"
    assert client.get(f"/api/v1/incidents/{zh['id']}").json()["titles"] == english["titles"]
    changed = _change(client, zh["id"], what="note", version=0, who="li", note="seen").json()
    assert changed["incident"]["titles"] == english["titles"]


def test_two_people_cannot_overwrite_each_other(client: TestClient) -> None:
    name = _first(client)["id"]
    mine = _change(client, name, what="assign", version=0, who="li", assignee="li")
    assert mine.status_code == 201
    assert mine.json()["incident"]["assignee"] == "li"
    theirs = _change(client, name, what="assign", version=0, who="wang", assignee="wang")
    assert (theirs.status_code, theirs.json()["code"]) == (409, "incident-changed")
    assert _first(client)["assignee"] == "li"


def test_states_notes_and_undoing_are_a_log(client: TestClient) -> None:
    name = _first(client)["id"]
    assert _change(client, name, what="state", version=0, who="li", state="closed").json()["code"] == "incident-change"
    closed = _change(client, name, what="state", version=0, who="li", state="closed", outcome="resolved")
    assert closed.json()["incident"]["state"] == "closed"
    assert _change(client, name, what="note", version=1, who="li", note="done").status_code == 201
    assert _change(client, name, what="undo", version=2, who="wang").status_code == 201
    undone = _change(client, name, what="undo", version=3, who="wang").json()
    assert undone["incident"]["state"] == "new"
    log = client.get(f"/api/v1/incidents/{name}").json()["changes"]
    assert [(one["what"], one["undone"]) for one in log] == [
        ("state", True), ("note", True), ("undo", False), ("undo", False),
    ]  # fmt: skip


def test_a_grade_is_proposed_with_its_article(client: TestClient) -> None:
    name = _first(client)["id"]
    assert client.get(f"/api/v1/incidents/{name}/grade").json()["grade"]["name"] == "general"
    body = {"what": "grade", "version": 0, "who": "li", "measures": {"people-affected": 120_000}}
    assert _change(client, name, **body).status_code == 201
    found = client.get(f"/api/v1/incidents/{name}/grade").json()
    assert found["grade"] == {"name": "large", "zh": "较大", "colour": "yellow", "reported": True, "verified": False}
    assert found["findings"][0]["article"]
    wrong = _change(client, name, what="grade", version=1, who="li", measures={"people": 1})
    assert wrong.json()["code"] == "incident-change"


def test_a_window_suppresses_visibly_until_it_is_ended(client: TestClient) -> None:
    before = _first(client)
    body = {
        "purpose": "drill", "from": "2026-11-22T11:00:00Z", "to": "2026-11-22T12:05:00Z", "reason": "city drill",
        "who": "wang", "scope": {"network": ["203.0.113.0/24"]},
    }  # fmt: skip
    made = client.post("/api/v1/windows", json=body).json()
    assert (made["suppressed"], made["late"]) == (1, True)
    during = client.get(f"/api/v1/incidents/{before['id']}").json()
    assert during["suppressed"] == 1
    assert during["score"] < before["score"]
    assert [one["suppressed_by"] for one in during["timeline"]] == [made["id"], None]
    assert client.get("/api/v1/windows").json()["windows"][0]["suppressed"] == 1
    assert client.post("/api/v1/windows", json=body | {"scope": {}}).json()["code"] == "incident-change"
    assert client.post(f"/api/v1/windows/{made['id']}/end", json={"who": "li"}).status_code == 400, "it is over already"


@pytest.mark.parametrize("body", [{}, {"what": "assign", "version": 0, "who": ""}, {"what": "x"}, {"odd": 1}])
def test_a_body_that_says_nothing_usable_is_refused(client: TestClient, body: dict[str, Any]) -> None:
    answer = _change(client, _first(client)["id"], **body)
    assert (answer.status_code, answer.json()["code"]) == (422, "parameter-unusable")

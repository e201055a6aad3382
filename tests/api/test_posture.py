from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.ports import Services
from cli.house import House
from cli.parts.incidents import served_incidents
from cli.settings import load_settings
from tests.correlation.incidents.making import alert

TOKEN = "a-token-of-the-test"
PLAN = """
entries:
  - {network: 10.0.0.0/16, unit: 水务局, district: 江岸区, cii: true}
  - {network: 10.5.0.0/16, unit: office/annex, district: 江汉区}
"""
THEN = {"at": "2026-11-22T14:00:00Z"}


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    """A house with an incident in one of two districts, recorded once."""
    plan = tmp_path / "plan.yml"
    plan.write_text(PLAN, encoding="utf-8")
    settings = load_settings(data=tmp_path / "data", environment={"HANWATCH_CONTEXT__FILES": f"['{plan}']"})
    with House(settings) as house:
        house.book.record([alert(0, "web", ["initial-access"], source="203.0.113.9", destination="10.0.0.1", cii=True)])
        house.grouping().write(None)
        house.posture.record(30)
        services = Services(
            house.store, house.book, house.spool, house.clock, TOKEN, "0.0.0", incidents=served_incidents(house),
            posture=house.posture,
        )  # fmt: skip
        headers = {"Authorization": f"Bearer {TOKEN}", "Accept-Language": "en"}
        with TestClient(create_app(services), base_url="http://127.0.0.1", headers=headers) as opened:
            yield opened


def _got(client: TestClient, path: str, **parameters: Any) -> Any:
    answer = client.get(f"/api/v1/posture{path}", params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_scopes_of_a_kind_are_listed_the_worst_first(client: TestClient) -> None:
    found = _got(client, "", **THEN)
    assert [one["name"] for one in found["scopes"]] == ["江岸区", "江汉区"]
    assert found["city"]["kind"] == "city"
    assert found["policy"]["verified"] is False
    assert found["moment"] == "2026-11-22T14:00:00.000Z"
    units = _got(client, "", by="unit", limit=1, **THEN)
    assert (len(units["scopes"]), units["total"]) == (1, 2)
    assert client.get("/api/v1/posture", params={"by": "planet"}).status_code == 422
    assert client.get("/api/v1/posture", params={"at": "then"}).json()["code"] == "moment-unusable"


def test_one_tells_every_point_that_it_lost_in_the_asked_language(client: TestClient) -> None:
    found = _got(client, "/unit/水务局", **THEN)
    assert round(100 - sum(item["points"] for item in found["items"]), 4) == found["score"]
    (incident,) = [item for item in found["items"] if item["kind"] == "incident"]
    assert client.get(f"/api/v1/incidents/{incident['subject']}").status_code == 200
    assert [step["code"] for step in incident["steps"]] == ["severity-high", "state-new", "age"]
    chinese = client.get(
        "/api/v1/posture/unit/水务局", params=THEN, headers={"Accept-Language": "zh"}
    ).json()
    assert "安全事件" in {text for item in chinese["items"] for text in item["text"].split(" ")}
    assert _got(client, "/unit/office/annex", **THEN)["grade"] == "not-seen"
    district = _got(client, "/district/江岸区", **THEN)
    assert [one["name"] for one in district["parts"]] == ["水务局"]
    whole = _got(client, "/city/city", **THEN)
    pages = [_got(client, "/city/city", limit=1, skip=n, **THEN)["items"] for n in range(whole["total"])]
    assert [item for page in pages for item in page] == whole["items"]
    assert {one["part"] for item in district["items"] for one in item["passed"]} == {"水务局"}
    unknown = client.get("/api/v1/posture/unit/nobody")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "posture-scope")


def test_closing_the_incident_gives_its_points_back(client: TestClient) -> None:
    (found,) = client.get("/api/v1/incidents").json()["incidents"]
    before = _got(client, "/sector/-", at="now")
    assert before["lost"]["happened"] > 0
    body = {"what": "state", "version": 0, "who": "li", "state": "closed", "outcome": "resolved"}
    assert client.post(f"/api/v1/incidents/{found['id']}/changes", json=body).status_code == 201
    after = _got(client, "/sector/-", at="now")
    assert (after["lost"]["happened"], after["score"] > before["score"]) == (0, True)


def test_a_trend_is_served(client: TestClient) -> None:
    (past,) = _got(client, "/history")["history"]
    assert past["grade"] == "not-seen"
    assert len(_got(client, "/history", scope="district/江岸区")["history"]) == 1
    assert _got(client, "/history", to="now-1h")["history"] == []
    assert client.get("/api/v1/posture/history", params={"scope": "nobody"}).status_code == 404
    assert _got(client, "/history", scope="unit/nobody")["history"] == []


def test_a_city_that_declares_nothing_is_told_where_to_begin(tmp_path: Path) -> None:
    with House(load_settings(data=tmp_path / "data", environment={})) as house:
        services = Services(
            house.store, house.book, house.spool, house.clock, TOKEN, "0.0.0", incidents=served_incidents(house),
            posture=house.posture,
        )  # fmt: skip
        headers = {"Authorization": f"Bearer {TOKEN}", "Accept-Language": "zh"}
        with TestClient(create_app(services), base_url="http://127.0.0.1", headers=headers) as opened:
            found = _got(opened, "")
            assert "docs/context.md" in found["hint"]
            assert "尚未声明" in found["hint"]
            (floor,) = [item for item in _got(opened, "/city/city")["items"] if item["code"] == "floor-none"]
    assert "尚未声明" in floor["text"]


def test_nothing_can_be_changed(client: TestClient) -> None:
    assert client.post("/api/v1/posture").status_code == 405
    assert client.post("/api/v1/posture/unit/水务局").status_code == 405

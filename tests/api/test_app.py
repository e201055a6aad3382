from collections.abc import Callable, Iterator
from pathlib import Path

import orjson
import pytest
from fastapi.testclient import TestClient

from api.app import PAGE_FILES, create_app
from api.ports import Services
from cli.house import House
from cli.parts.incidents import served_incidents
from cli.settings import load_settings
from correlation.notifying.standing import Standing
from tests.cli.conftest import ATTACK, VISIT, access_line

TOKEN = "a-token-of-the-test"
PORTAL_LOG = "portal-access.log"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A house over one log with one attack, all of it stored."""
    log = tmp_path / PORTAL_LOG
    log.write_text("".join(access_line(second, ATTACK if second == 7 else VISIT) for second in range(30)))
    with House(load_settings(data=tmp_path / "data", environment={})) as opened:
        list(opened.intake.take([log]))
        opened.correlator(opened.rules()).drain()
        yield opened


@pytest.fixture
def client(house: House) -> Iterator[TestClient]:
    services = Services(
        house.store, house.book, house.spool, house.clock, TOKEN, "0.0.0", incidents=served_incidents(house),
        posture=house.posture,
    )
    app = create_app(services)
    with TestClient(app, base_url="http://127.0.0.1", headers={"Authorization": f"Bearer {TOKEN}"}) as opened:
        yield opened


def test_health_needs_no_token(client: TestClient) -> None:
    answer = client.get("/api/v1/health", headers={"Authorization": ""})
    assert answer.status_code == 200
    assert answer.json()["backlog"] == 0
    assert (answer.json()["status"], answer.json()["notification"]["status"]) == ("ok", "off")


def test_health_is_degraded_with_notification(house: House) -> None:
    standing = Standing("degraded", waiting=3, failed=2, dead=1)
    services = Services(
        house.store, house.book, house.spool, house.clock, TOKEN, "0.0.0", incidents=served_incidents(house),
        posture=house.posture, notification=lambda: standing,
    )
    with TestClient(create_app(services), base_url="http://127.0.0.1") as client:
        said = client.get("/api/v1/health").json()
    assert said["status"] == "degraded"
    assert said["notification"] == {"status": "degraded", "waiting": 3, "failed": 2, "dead": 1}


@pytest.mark.parametrize(
    "path",
    ["events", "events/x", "alerts", "alerts/x", "ledger", "sources", "incidents", "incidents/x", "windows", "posture",
     "posture/city/city", "posture/history"],
)
@pytest.mark.parametrize("token", ["", "Bearer wrong", "Basic abc", "Bearer " + "ä"])
def test_everything_else_does(client: TestClient, path: str, token: str) -> None:
    answer = client.get(f"/api/v1/{path}", headers={"Authorization": token.encode()})
    assert answer.status_code == 401
    assert answer.json()["code"] == "token-needed"
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_foreign_host_name_is_refused(client: TestClient) -> None:
    assert client.get("/api/v1/health", headers={"Host": "evil.example"}).json()["code"] == "host-foreign"
    assert client.get("/api/v1/health", headers={"Host": "localhost:8642"}).status_code == 200
    assert client.get("/api/v1/health", headers={"Host": "[::1]:8642"}).status_code == 200


def test_alerts_come_with_their_evidence(client: TestClient) -> None:
    page = client.get("/api/v1/alerts").json()
    assert page["total"] == len(page["alerts"]) >= 1
    (proof,) = page["alerts"][0]["evidence"]
    assert proof["position"] == {"unit": "line", "number": 8}
    assert proof["source"]["name"].endswith(PORTAL_LOG)
    whole = client.get(f"/api/v1/alerts/{page['alerts'][0]['id']}").json()
    assert whole["events"][0]["event.id"] == proof["event_id"]
    assert client.get("/api/v1/alerts?level=critical&rule=none").json()["total"] == 0


def test_events_are_found_page_by_page(client: TestClient) -> None:
    seen: list[str] = []
    after: str | None = None
    while True:
        asked = {"q": "event.dataset:web.access", "limit": "7"} | ({"after": after} if after else {})
        page = client.get("/api/v1/events", params=asked).json()
        assert page["total"] == 30
        seen += [event["event.id"] for event in page["events"]]
        after = page["after"]
        if after is None:
            break
    assert len(seen) == 30 == len(set(seen))
    assert client.get(f"/api/v1/events/{seen[0]}").json()["event.id"] == seen[0]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("events?q=((", 400, "query-syntax"),
        ("events?from=yesterday", 400, "moment-unusable"),
        ("events?limit=0", 422, "parameter-unusable"),
        ("events?after=x", 400, "query-cursor"),
        ("events/none", 404, "event-unknown"),
        ("alerts?after=x", 400, "cursor-unusable"),
        ("alerts?level=loud", 422, "parameter-unusable"),
        ("alerts/none", 404, "alert-unknown"),
        ("incidents/none", 404, "incident-unknown"),
        ("incidents/none/grade", 404, "incident-unknown"),
        ("incidents?after=x", 400, "cursor-unusable"),
        ("incidents?state=odd", 422, "parameter-unusable"),
        ("nothing", 404, "page-unknown"),
    ],
)
def test_what_cannot_be_answered_says_why_in_both_languages(
    client: TestClient, path: str, status: int, code: str
) -> None:
    texts = set()
    for language in ("zh-CN", "en"):
        answer = client.get(f"/api/v1/{path}", headers={"Accept-Language": language})
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        texts.add(answer.json()["title"])
    assert len(texts) == 2


def test_the_ledger_is_complete(client: TestClient) -> None:
    ledger = client.get("/api/v1/ledger").json()
    assert ledger["complete"]
    assert ledger["totals"]["delivered"]["parts"]["stored"] == 30


def test_sources(client: TestClient) -> None:
    (source,) = client.get("/api/v1/sources").json()["sources"]
    assert source["name"].endswith(PORTAL_LOG)
    assert (source["events"]["day"], source["parsed"], source["silent"]) == (30, 1.0, False)
    assert source["devices"] == []
    assert client.get("/api/v1/sources", params={"silent": True}).json() == {"sources": []}


@pytest.mark.parametrize("path", PAGE_FILES)
def test_the_page_loads_nothing_from_elsewhere(client: TestClient, path: str) -> None:
    answer = client.get(f"/{path}", headers={"Authorization": ""})
    assert answer.status_code == 200
    assert answer.headers["content-security-policy"].startswith("default-src 'self'")
    assert "http://" not in answer.text
    assert "https://" not in answer.text


def test_the_page_serves_nothing_but_its_files(client: TestClient) -> None:
    for path in ("..%2fapp.py", "app.py", "index.html"):
        assert client.get(f"/{path}").status_code == 404


def test_openapi_is_as_agreed(client: TestClient, golden: Callable[[Path, str], None]) -> None:
    document = client.get("/api/v1/openapi.json").json()
    text = orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS).decode() + "\n"
    golden(Path("tests/data/api/app/openapi.json"), text)

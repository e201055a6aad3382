import base64
import gzip
import shutil
import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2 as httpx
import orjson
import pytest
from elasticsearch import Elasticsearch, helpers

from sensors.delivery.errors import SpoolFull
from sensors.listening.http import VERSION
from sensors.settings import ListenerSettings
from tests.sensors.listening.conftest import Heard, Listen

TOKEN = "a-token-of-the-test"
HTTP = ListenerSettings("http", 0, tokens=(TOKEN,), max_message=1 << 20)
EVENT = {"@timestamp": "2026-11-22T08:00:00Z", "message": "汉望", "event": {"dataset": "drill.events"}}


def _client(heard: Heard, token: str = TOKEN) -> httpx.Client:
    return httpx.Client(
        base_url=f"http://127.0.0.1:{heard.port()}", headers={"Authorization": f"Bearer {token}"}, timeout=20
    )


def _bulk(*documents: dict[str, Any], kind: str = "create", ids: bool = False) -> bytes:
    lines: list[Any] = []
    for number, document in enumerate(documents):
        lines += [{kind: {"_index": "logs", **({"_id": f"n{number}"} if ids else {})}}, document]
    return b"".join(orjson.dumps(line) + b"\n" for line in lines)


@pytest.mark.parametrize(
    "authorization",
    [
        f"Bearer {TOKEN}",
        f"ApiKey {TOKEN}",
        f"ApiKey {base64.b64encode(f'some-id:{TOKEN}'.encode()).decode()}",
        f"Basic {base64.b64encode(f'beats:{TOKEN}'.encode()).decode()}",
    ],
)
def test_a_token_is_taken_as_clients_send_it(listen: Listen, authorization: str) -> None:
    heard = listen(HTTP)
    answer = httpx.get(f"http://127.0.0.1:{heard.port()}/", headers={"Authorization": authorization})
    assert (answer.status_code, answer.json()["version"]["number"]) == (200, VERSION)
    assert answer.headers["x-elastic-product"] == "Elasticsearch"


@pytest.mark.parametrize(
    "authorization", [None, "Bearer wrong", f"Basic {TOKEN}", "Bearer", "ApiKey !", f"Digest {TOKEN}"]
)
@pytest.mark.parametrize("tokens", [(TOKEN,), ()])
def test_nobody_else_is_let_in(listen: Listen, authorization: str | None, tokens: tuple[str, ...]) -> None:
    heard = listen(ListenerSettings("http", 0, tokens=tokens))
    headers = {} if authorization is None else {"Authorization": authorization}
    for path in ("/", "/_bulk", "/ndjson", "/_license"):
        answer = httpx.post(f"http://127.0.0.1:{heard.port()}{path}", headers=headers, content=_bulk(EVENT))
        assert answer.status_code == 401
        assert "www-authenticate" in answer.headers
    assert heard.rows() == []


def test_what_is_answered_is_in_the_spool(listen: Listen) -> None:
    heard = listen(HTTP)
    with _client(heard) as client:
        answer = client.post("/_bulk", content=_bulk(EVENT, EVENT)).raise_for_status().json()
    assert [item["create"]["status"] for item in answer["items"]] == [201, 201]
    assert not answer["errors"]
    rows = heard.rows()
    assert [(row["event.dataset"], row["message"]) for row in rows] == [("drill.events", "汉望")] * 2
    assert heard.balanced()


def test_an_id_that_the_client_gives_makes_the_same_event_twice(listen: Listen) -> None:
    heard = listen(HTTP)
    with _client(heard) as client:
        for _ in range(2):
            client.post("/_bulk", content=_bulk(EVENT, EVENT, ids=True)).raise_for_status()
    ids = [row["event.id"] for row in heard.rows()]
    assert len(ids) == 4
    assert len(set(ids)) == 2


def test_each_document_gets_its_own_answer(listen: Listen) -> None:
    heard = listen(HTTP)
    body = (
        b'{"create":{"_index":"logs"}}\n{"@timestamp":"2026-11-22T08:00:00Z","message":"good"}\n'
        b'{"index":{}}\n{"no json\n'
        b'{"delete":{"_id":"1"}}\n'
        b'{"index":{"_index":"logs"}}\n\n'
        b'{"index":{"_index":"logs"}}\n{"message":"no time"}\n'
    )
    with _client(heard) as client:
        answer = client.post("/fallback/_bulk", content=body).json()
    statuses = [(next(iter(item)), next(iter(item.values()))["status"]) for item in answer["items"]]
    assert statuses == [("create", 201), ("index", 400), ("delete", 400), ("index", 400), ("index", 201)]
    assert answer["errors"]
    assert answer["items"][1]["index"]["error"]["reason"] == "json-invalid"
    assert heard.reasons() == {"json-invalid": 1}
    assert {row["message"] for row in heard.rows()} == {"good", "no time"}


@pytest.mark.parametrize(
    "body", [b"nonsense\n", b'{"create":{"_index":"a"}}\n', b'{"create":{}}\n{}\n', b'{"do":{"_index":"a"}}\n{}\n']
)
def test_what_is_no_bulk_is_refused_as_a_whole(listen: Listen, body: bytes) -> None:
    heard = listen(HTTP)
    with _client(heard) as client:
        answer = client.post("/_bulk", content=body)
    assert (answer.status_code, answer.json()["error"]["type"]) == (400, "illegal_argument_exception")
    assert heard.rows() == []


@pytest.mark.parametrize(("token", "status"), [(TOKEN, b"413"), ("no token of ours", b"401")])
def test_who_sends_all_of_a_refused_body_first_still_hears_the_answer(
    listen: Listen, token: str, status: bytes
) -> None:
    heard = listen(HTTP)
    head = f"POST /_bulk HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Length: {3 << 20}\r\n\r\n"
    for _ in range(3):
        with socket.create_connection(("127.0.0.1", heard.port()), 20) as client:
            client.sendall(head.encode() + b"x" * (3 << 20))
            assert client.recv(1 << 16).startswith(b"HTTP/1.1 " + status)


def test_packed_bodies_are_read_and_bombs_are_not(listen: Listen) -> None:
    heard = listen(HTTP)
    packed = {"Content-Encoding": "gzip"}
    with _client(heard) as client:
        assert client.post("/_bulk", content=gzip.compress(_bulk(EVENT)), headers=packed).status_code == 200
        bomb = gzip.compress(b"\0" * (100 << 20))
        assert client.post("/_bulk", content=bomb, headers=packed).status_code == 413
        assert client.post("/_bulk", content=b"\x1f\x8bnonsense", headers=packed).status_code == 400
        assert client.post("/_bulk", content=gzip.compress(_bulk(EVENT))[:-9], headers=packed).status_code == 400
        assert client.post("/_bulk", content=b"x", headers={"Content-Encoding": "br"}).status_code == 415
        assert client.post("/_bulk", content=b"x" * (2 << 20)).status_code == 413
    assert len(heard.rows()) == 1


def test_a_full_spool_sends_clients_away_and_takes_nothing(listen: Listen, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = listen(HTTP)
    append = heard.spool.append_many

    def full(*_: object) -> list[int]:
        raise SpoolFull(reason="max_bytes")

    with _client(heard) as client:
        monkeypatch.setattr(heard.spool, "append_many", full)
        answer = client.post("/_bulk", content=_bulk(EVENT))
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
        monkeypatch.setattr(heard.spool, "append_many", append)
        assert client.post("/_bulk", content=_bulk(EVENT)).status_code == 200
    assert len(heard.rows()) == 1
    assert heard.balanced()


def test_lines_of_any_format_are_taken_and_what_is_broken_named(listen: Listen) -> None:
    heard = listen(HTTP)
    lines = b"<34>Oct 11 22:14:15 mymachine su: one\nnobody's line\n\n<999>Oct 11 22:14:15 mymachine su: x\n"
    with _client(heard) as client:
        answer = client.post("/ndjson", content=lines + b'{"a":\n').raise_for_status().json()
    assert answer["accepted"] == 2
    assert [each["line"][:6] for each in answer["refused"]] == ["<999>O", '{"a":']
    assert {row["event.dataset"] for row in heard.rows()} == {"system.syslog", "log.unknown"}


def test_lines_that_are_no_json_are_kept_where_lines_are_sent_and_refused_as_documents(listen: Listen) -> None:
    heard = listen(HTTP)
    with _client(heard) as client:
        assert client.post("/ndjson", content=b"nobody's line\n").json()["accepted"] == 1
        answer = client.post("/_bulk", content=b'{"index":{"_index":"x"}}\nnobody\'s line\n').json()
    assert answer["items"][0]["index"]["status"] == 400
    assert [row["message"] for row in heard.rows()] == ["nobody's line"]
    assert heard.reasons() == {"json-invalid": 1}


def test_senders_find_what_they_look_for_before_they_send(listen: Listen) -> None:
    heard = listen(HTTP)
    with _client(heard) as client:
        assert client.get("/_license").json()["license"]["status"] == "active"
        assert client.get("/_xpack").status_code == 200
        assert client.get("/_cluster/health").json()["status"] == "green"
        assert client.head("/_index_template/filebeat-9.2.0").status_code == 200
        assert client.put("/_index_template/filebeat", content=b"{}").json() == {"acknowledged": True}
        assert client.get("/logs/_search").status_code == 404


def test_the_official_clients_bulk_helper_can_send(listen: Listen) -> None:
    heard = listen(HTTP)
    url = f"http://127.0.0.1:{heard.port()}"
    actions = [{"_index": "logs", "_id": str(number), "_source": EVENT} for number in range(2_500)]
    with Elasticsearch(url, basic_auth=("anybody", TOKEN), http_compress=True) as client:
        assert client.info()["cluster_name"] == "hanwatch"
        done, errors = helpers.bulk(client, actions, chunk_size=500)
        assert (done, errors) == (2_500, [])
        assert client.index(index="logs", id="one", document=EVENT)["result"] == "created"
    assert len({row["event.id"] for row in heard.rows()}) == 2_501
    assert heard.balanced()


def test_many_send_at_once(listen: Listen) -> None:
    heard = listen(HTTP)

    def send(_: int) -> int:
        with _client(heard) as client:
            return sum(client.post("/_bulk", content=_bulk(*[EVENT] * 20)).status_code for _ in range(5))

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(send, range(8))) == [1_000] * 8
    assert len({row["event.id"] for row in heard.rows()}) == 800


CURL = shutil.which("curl")


@pytest.mark.skipif(CURL is None, reason="needs curl")
def test_curl_can_send(listen: Listen) -> None:
    assert CURL is not None
    heard = listen(HTTP)
    said = subprocess.run(
        [CURL, "-sS", "-u", f"anybody:{TOKEN}", "-H", "Content-Type: application/x-ndjson", "--data-binary", "@-",
         f"http://127.0.0.1:{heard.port()}/_bulk"],
        input=_bulk(EVENT), check=True, capture_output=True,
    )
    assert not orjson.loads(said.stdout)["errors"]
    assert len(heard.rows()) == 1

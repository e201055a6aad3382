from typing import Any

import pytest

from sensors.capture import http


def request(line: str, *headers: str) -> dict[str, Any]:
    return http.request("\r\n".join([line, *headers, "", ""]).encode())


def test_a_request() -> None:
    fields = request(
        "POST /路径?q=1#f HTTP/1.1",
        "host: a.example:8080",
        "USER-AGENT:  curl/8 ",
        "Referer: http://b.example/",
        "Content-Length: 12",
        "Content-Type: Application/JSON; charset=utf-8",
    )
    assert fields == {
        "http.request.method": "POST",
        "http.version": "1.1",
        "url.original": "/路径?q=1#f",
        "url.domain": "a.example",
        "url.port": 8_080,
        "url.path": "/路径",
        "url.query": "q=1",
        "url.fragment": "f",
        "user_agent.original": "curl/8",
        "http.request.referrer": "http://b.example/",
        "http.request.body.bytes": 12,
        "http.request.mime_type": "application/json",
    }


@pytest.mark.parametrize(
    ("line", "domain", "path"),
    [
        ("GET http://a.example/x?y HTTP/1.0", "a.example", "/x"),
        ("GET http://[2001:db8::1]:80 HTTP/1.0", "2001:db8::1", "/"),
        ("CONNECT a.example:443 HTTP/1.1", "a.example", None),
        ("OPTIONS * HTTP/1.1", None, "*"),
        ("GET /a b HTTP/1.1", None, "/a b"),
    ],
)
def test_forms_of_the_target(line: str, domain: str | None, path: str | None) -> None:
    fields = request(line)
    assert (fields.get("url.domain"), fields.get("url.path")) == (domain, path)


def test_octets_that_are_no_text_are_escaped() -> None:
    assert http.request(b"GET /\xff\xfe HTTP/1.1\r\n\r\n")["url.path"] == "/\\xff\\xfe"


def test_a_response() -> None:
    version, fields = http.response(b"HTTP/1.0 301\r\nContent-Length: 0\r\n\r\n")
    assert (version, fields) == ("1.0", {"http.response.status_code": 301, "http.response.body.bytes": 0})


def test_a_length_that_is_no_number_is_left_out() -> None:
    for value in (b"-1", b"1e3", b"9" * 40, b""):
        _, fields = http.response(b"HTTP/1.1 200 OK\r\nContent-Length: " + value + b"\r\n\r\n")
        assert "http.response.body.bytes" not in fields


@pytest.mark.parametrize("head", [b"", b"GET /\r\n\r\n", b"GET / HTTP/2.0\r\n\r\n", b"\x00GET / HTTP/1.1\r\n\r\n"])
def test_what_is_no_request_is_refused(head: bytes) -> None:
    with pytest.raises(http.NotHttp):
        http.request(head)


@pytest.mark.parametrize("head", [b"HTTP/1.1\r\n\r\n", b"HTTP/1.1 20\r\n\r\n", b"HTTP/2 200 OK\r\n\r\n"])
def test_what_is_no_response_is_refused(head: bytes) -> None:
    with pytest.raises(http.NotHttp):
        http.response(head)

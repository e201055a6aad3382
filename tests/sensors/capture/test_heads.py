import random

import numpy as np
import pytest

from sensors.capture import http
from sensors.capture.heads import READ, head


def kept(octets: bytes) -> bytes:
    out = np.zeros(len(octets) + 8, np.uint8)
    size = head(np.frombuffer(b"!!" + octets + b"!!", np.uint8), 2, 2 + len(octets), out, 3)
    assert not out[size:].any()
    return bytes(out[3:size])


def test_only_headers_that_are_read_stay() -> None:
    message = (
        b"\r\n\r\nGET /a:b HTTP/1.1\r\nHost: a.example\r\nCookie: new every time\r\nUSER-AGENT \t: x: y\r\n"
        b"X-Host: b.example\r\n Host: folded\r\nHostess: c\r\nHost\r\nContent-Type:text/plain\r\nDate: now\r\n\r\n"
    )
    assert kept(message) == (
        b"GET /a:b HTTP/1.1\r\nHost: a.example\r\nUSER-AGENT \t: x: y\r\nContent-Type:text/plain\r\n"
    )


def test_every_name_is_known_by_its_length() -> None:
    assert len({len(name) for name in READ}) == len(READ)


@pytest.mark.parametrize("octets", [b"", b"\r\n", b"\n", b"GET", b"HTTP/1.1 200", b"A\nhost", b"A\nhost:b"])
def test_a_head_that_ends_anywhere(octets: bytes) -> None:
    assert kept(octets) in (octets.lstrip(b"\r\n"), b"A\n")


def fields(octets: bytes) -> object:
    try:
        return http.response(octets) if octets.startswith(b"HTTP/") else http.request(octets)
    except http.NotHttp:
        return None


def test_what_is_left_out_changes_no_field() -> None:
    chance = random.Random(5)
    names = [*READ, *(name.title() for name in READ), b"Set-Cookie", b"ETag", b"X", b"host ", b" host", b"", b"ho\xc0t"]
    values = [b"1", b" a.example\t", b"text/html; charset=x", b"a\rb", b"", b"\xff", b"x:y", b"12\r"]
    first = [b"GET /x?y HTTP/1.1", b"HTTP/1.1 200 OK", b"POST a:b HTTP/1.0", b"HTTP/1.1 404", b"nothing"]
    same = 0
    for _ in range(3_000):
        lines = [chance.choice(first)]
        lines += [chance.choice(names) + chance.choice([b":", b": ", b""]) + chance.choice(values) for _ in range(6)]
        octets = b"".join(line + chance.choice([b"\r\n", b"\n", b"\r\r\n"]) for line in lines)
        octets = octets[: chance.choice([len(octets), chance.randrange(len(octets))])]
        assert fields(kept(octets)) == fields(octets)
        same += fields(octets) is not None
    assert same > 1_000

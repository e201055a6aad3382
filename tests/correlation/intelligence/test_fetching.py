"""Against real servers of HTTP and HTTPS, well and badly behaved."""

import gzip
import time
from pathlib import Path

import pytest

from correlation.intelligence import fetching
from correlation.intelligence.errors import FeedRefused, FeedUnreadable
from correlation.intelligence.fetching import Fetcher, address_of, away, enough, shown
from correlation.settings import FeedSettings
from tests.correlation.conftest import server_side
from tests.correlation.intelligence.serving import Publisher

MOST = 100_000


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEED_SECRET", "Bearer synthetic")


def fetcher(server: Publisher, **more: object) -> Fetcher:
    return Fetcher(FeedSettings(server.url(), **more))  # type: ignore[arg-type]


def reason(failed: pytest.ExceptionInfo[FeedUnreadable]) -> object:
    return failed.value.parameters["reason"]


def test_a_document_with_what_is_asked_and_said(publisher: Publisher) -> None:
    publisher.publish("/a", b"hello", headers={"ETag": '"1"'})
    answer = fetcher(publisher, authorization="env:FEED_SECRET").get(publisher.url("/a"), MOST, "text/csv")
    assert (answer.data, answer.headers["ETag"], answer.unchanged) == (b"hello", '"1"', False)
    ((_, headers),) = publisher.asked
    assert (headers["Authorization"], headers["Accept"]) == ("Bearer synthetic", "text/csv")
    assert headers["Accept-Encoding"] == "identity"


def test_the_authorization_is_read_of_a_file_of_its_owner_s_alone_at_each_reading(
    publisher: Publisher, tmp_path: Path
) -> None:
    file = tmp_path / "authorization"
    publisher.publish("/a", b"hello")
    with pytest.raises(FeedUnreadable, match="authorization"):
        fetcher(publisher, authorization=f"file:{file}")
    for said in ("Bearer first", "Bearer second"):
        file.write_text(f"{said}\n")
        file.chmod(0o600)
        fetcher(publisher, authorization=f"file:{file}").get(publisher.url("/a"), MOST)
        assert publisher.asked[-1][1]["Authorization"] == said
    file.chmod(0o640)
    with pytest.raises(FeedUnreadable) as refused:
        fetcher(publisher, authorization=f"file:{file}")
    assert reason(refused) == "secret-open"


@pytest.mark.parametrize(("content", "said"), [("", "secret-not-set"), ("Bearer a\nHost: b", "secret-lines")])
def test_an_authorization_that_cannot_be_used_says_why(
    publisher: Publisher, monkeypatch: pytest.MonkeyPatch, content: str, said: str
) -> None:
    monkeypatch.setenv("FEED_SECRET", content)
    with pytest.raises(FeedUnreadable, match="FEED_SECRET") as refused:
        fetcher(publisher, authorization="env:FEED_SECRET")
    assert reason(refused) == said
    assert publisher.asked == []


def test_the_authorization_goes_to_no_other_server(publisher: Publisher) -> None:
    with Publisher() as other:
        for server in (publisher, other):
            server.publish("/a", b"hello")
        mine = fetcher(publisher, authorization="env:FEED_SECRET")
        mine.get(other.url("/a"), MOST)
        assert "Authorization" not in other.asked[0][1]
        publisher.publish("/b", b"", status=302, headers={"Location": other.url("/stolen")})
        with pytest.raises(FeedRefused) as refused:
            mine.get(publisher.url("/b"), MOST)
        assert refused.value.parameters["status"] == 302
        assert "/stolen" not in other.paths(), "a redirect is not followed"


@pytest.mark.parametrize("status", [201, 204, 206, 301, 304, 401, 403, 404, 429, 500, 503])
def test_every_other_status_is_an_error(publisher: Publisher, status: int) -> None:
    publisher.publish("/a?key=hidden", b"", status=status)
    with pytest.raises(FeedRefused) as refused:
        fetcher(publisher).get(publisher.url("/a?key=hidden"), MOST)
    assert refused.value.parameters["status"] == status
    assert "hidden" not in str(refused.value)
    assert enough(refused.value) == (status in {429, 503})
    assert away(refused.value) == (status in {401, 403, 500, 503})


def test_nothing_new_only_when_that_was_asked(publisher: Publisher) -> None:
    publisher.publish("/a", b"hello", headers={"ETag": '"1"'})
    conditions = {"If-None-Match": '"1"'}
    assert fetcher(publisher).get(publisher.url("/a"), MOST, conditions=conditions).unchanged
    publisher.publish("/a", b"hello", headers={"ETag": '"2"'})
    assert fetcher(publisher).get(publisher.url("/a"), MOST, conditions=conditions).data == b"hello"


def test_a_body_is_bounded(publisher: Publisher) -> None:
    publisher.publish("/just", b"x" * MOST)
    publisher.publish("/more", b"x" * (MOST + 1))
    publisher.publish("/endless", b"", endless=True)
    assert len(fetcher(publisher).get(publisher.url("/just"), MOST).data) == MOST
    for path in ("/more", "/endless"):
        with pytest.raises(FeedUnreadable) as failed:
            fetcher(publisher).get(publisher.url(path), MOST)
        assert reason(failed) == "feed-too-large"


def test_a_body_that_is_cut_off_is_none(publisher: Publisher) -> None:
    publisher.publish("/a", b"evil.exam", length=100)
    with pytest.raises(FeedUnreadable) as failed:
        fetcher(publisher).get(publisher.url("/a"), MOST)
    assert reason(failed) == "net-reset"
    assert away(failed.value)


def test_who_sends_an_octet_now_and_then_is_left(publisher: Publisher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "ANSWER_SECONDS", 0.4)
    publisher.publish("/a", b"x" * 100, drip=0.1)
    begun = time.monotonic()
    with pytest.raises(FeedUnreadable) as failed:
        fetcher(publisher).get(publisher.url("/a"), MOST)
    assert reason(failed) == "net-timeout"
    assert time.monotonic() - begun < 5


def test_a_reading_that_takes_too_long_asks_nothing_more(publisher: Publisher) -> None:
    publisher.publish("/a", b"hello")
    with pytest.raises(FeedUnreadable) as failed:
        Fetcher(FeedSettings(publisher.url()), patience=-1.0).get(publisher.url("/a"), MOST)
    assert (reason(failed), publisher.asked) == ("feed-slow", [])
    assert enough(failed.value)


def test_what_is_compressed_is_refused_and_never_unpacked(publisher: Publisher) -> None:
    publisher.publish("/bomb", gzip.compress(b"0" * 50_000_000), headers={"Content-Encoding": "gzip"})
    with pytest.raises(FeedUnreadable) as failed:
        fetcher(publisher).get(publisher.url("/bomb"), MOST)
    assert reason(failed) == "feed-encoded"


def test_nobody_there() -> None:
    with pytest.raises(FeedUnreadable) as failed:
        Fetcher(FeedSettings("http://127.0.0.1:9/")).get("http://127.0.0.1:9/", MOST)
    assert reason(failed) == "net-refused"


def test_certificates_are_checked(authority: Path) -> None:
    def get(server: Publisher, ca: Path | None) -> bytes:
        server.publish("/a", b"hello")
        return Fetcher(FeedSettings(server.url(), ca=ca)).get(server.url("/a"), MOST).data

    ca = authority / "ca.pem"
    with Publisher(server_side(authority)) as server:
        assert get(server, ca) == b"hello"
        with pytest.raises(FeedUnreadable, match="TLS: "):
            get(server, None)
    with Publisher(server_side(authority, "other")) as server, pytest.raises(FeedUnreadable, match="TLS: ") as failed:
        get(server, ca)
    assert away(failed.value)


def test_a_file_of_authorities_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    with pytest.raises(FeedUnreadable, match=r"none\.pem"):
        Fetcher(FeedSettings("https://a.example/", ca=tmp_path / "none.pem"))
    (tmp_path / "no.pem").write_text("no certificate")
    with pytest.raises(FeedUnreadable, match=r"no\.pem"):
        Fetcher(FeedSettings("https://a.example/", ca=tmp_path / "no.pem"))


@pytest.mark.parametrize(
    "text",
    ["ftp://a.example/", "file:///etc/passwd", "https://user:secret@a.example/", "http:///x", "http://[secret/",
     "http://a.example:99999/"],
)  # fmt: skip
def test_only_addresses_of_http_are_asked(text: str) -> None:
    with pytest.raises(FeedUnreadable) as refused:
        address_of(text)
    assert "secret" not in str(refused.value)


def test_an_address_that_cannot_be_asked_repeats_no_secret(publisher: Publisher) -> None:
    with pytest.raises(FeedUnreadable) as failed:
        fetcher(publisher).get(publisher.url("/a b\n?key=hidden"), MOST)
    assert "hidden" not in str(failed.value)


def test_keys_in_addresses_are_not_shown() -> None:
    assert shown("https://a.example/x?key=1#y") == "https://a.example/x"
    assert shown("https://a.example/x#y?z") == "https://a.example/x"

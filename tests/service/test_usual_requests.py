"""The quick reading of a request must see what the whole parser sees, or leave it alone.

Two readings of the same bytes that differ are how requests are smuggled. So whatever the bytes, the
quick reader declines, or agrees with `httptools` in every header, in the body, and in that this is
one request and nothing else.
"""

import httptools
import hypothesis.strategies as st
import pytest
from hypothesis import example, given, settings

from pannier.service.http.messages import HttpRequest
from pannier.service.http.usual_requests import UsualRequests
from tests.service.wire import post

USUAL = (
    b"POST / HTTP/1.1\r\nHost: localhost:8000\r\nX-Amz-Target: DynamoDB_20120810.GetItem\r\n"
    b"Content-Type: application/x-amz-json-1.0\r\nX-Amz-Date: 20250811T000000Z\r\n"
    b"Authorization: AWS4-HMAC-SHA256 Credential=A/b, SignedHeaders=host, Signature=0\r\n"
    b"Connection: keep-alive\r\nContent-Length: 2\r\n\r\n{}"
)


class Parsed:
    """What `httptools` makes of some bytes: whole requests, and whether it wants more."""

    def __init__(self, data: bytes) -> None:
        self.requests: list[HttpRequest] = []
        self.open = False
        self.parser = httptools.HttpRequestParser(self)
        self.parser.feed_data(data)

    def on_message_begin(self) -> None:
        self.open = True
        self.request = HttpRequest(b"", b"")

    def on_url(self, url: bytes) -> None:
        self.request.target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.request.headers[name.lower()] = value

    def on_headers_complete(self) -> None:
        self.request.method = self.parser.get_method()
        self.request.keep_alive = self.parser.should_keep_alive()
        assert not self.parser.should_upgrade()

    def on_body(self, body: bytes) -> None:
        self.request.body += body

    def on_message_complete(self) -> None:
        self.open = False
        self.requests.append(self.request)


def read(data: bytes) -> HttpRequest | None:
    return UsualRequests(32_768, 1_000_000).read(data)


def content(request: HttpRequest) -> tuple[object, ...]:
    return (
        request.method,
        request.target,
        request.headers,
        request.body,
        request.keep_alive,
        request.too_large,
    )


def declines_or_agrees(data: bytes) -> None:
    reader = UsualRequests(32_768, 1_000_000)
    reader.read(USUAL)  # so that it knows some lines
    request = reader.read(data)
    if request is None:
        return
    parsed = Parsed(data)
    assert not parsed.open
    assert [content(each) for each in parsed.requests] == [content(request)]


PIECES = st.sampled_from(
    [b"\r\n", b"\n", b"\r", b" ", b"\t", b":", b": ", b"\0", b"\x7f", b"\xff", b"a", b"0", b"2",
     b"-", b"+", b"\r\n ", b"\r\nContent-Length: 2", b"\r\nContent-Length: 3", b"\r\nX: y",
     b"\r\nX:y", b"\r\nX : y", b"\r\nTransfer-Encoding: chunked", b"\r\nConnection: close",
     b"\r\nX: ", b"\r\nX", b"\r\nExpect: 100-continue", b"\r\nUpgrade: h2c", b"\r\nX: y ",
     b"\r\n\r\n", b"{}", b"chunked", b"\r\nConnection: keep-alive, upgrade", b"\r\n: y",
     b"\r\nContent-Length: 0x2"]
)  # fmt: skip


@settings(deadline=None, max_examples=1500)
@given(
    changes=st.lists(
        st.tuples(
            st.integers(0, len(USUAL)), st.integers(0, 3), st.one_of(PIECES, st.binary(max_size=2))
        ),
        max_size=3,
    )
)
@example(changes=[])
@pytest.mark.parametrize(
    "data", [USUAL, USUAL.replace(b"2\r\n\r\n{}", b"2000\r\n\r\n" + b"{}" * 1000)]
)
def test_bytes_that_were_changed(data, changes):
    for place, removed, put in changes:
        data = data[:place] + put + data[place + removed :]
    declines_or_agrees(data)


@pytest.mark.parametrize("body_bytes", [0, 500, 1500])
@settings(deadline=None, max_examples=300)
@given(
    names=st.lists(st.text("aAzZ09-_.!#$%&'*+^`|~ :()", min_size=1, max_size=4), max_size=3),
    values=st.lists(st.text(st.characters(max_codepoint=255), max_size=4), min_size=3, max_size=3),
)
def test_headers_of_any_spelling(body_bytes, names, values):
    lines = [f"{name}: {value}" for name, value in zip(names, values, strict=False)]
    head = "\r\n".join(["POST / HTTP/1.1", *lines, f"Content-Length: {body_bytes}"])
    declines_or_agrees(head.encode("latin-1") + b"\r\n\r\n" + b"x" * body_bytes)


@pytest.mark.parametrize("name", ["Content-Length", "content-length", "CONTENT-LENGTH"])
def test_the_requests_of_sdks_are_usual(name):
    data = USUAL.replace(b"Content-Length", name.encode())
    request = read(data)
    assert request is not None
    assert content(request) == content(Parsed(data).requests[0])
    assert read(post(b"x" * 100_000)) is not None
    assert read(post(b"")) is not None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"POST / HTTP/1.1\r\n\r\n",
        USUAL[:-1],
        USUAL + b"P",
        USUAL + USUAL,
        USUAL.replace(b"HTTP/1.1", b"HTTP/1.0"),
        USUAL.replace(b"POST /", b"GET /"),
        b"POST / HTTP/1.1\r\n" + b"x" * 2000,
        b"POST / HTTP/1.1\r\n\r\n" + b"x" * 2000,
        USUAL + b"x" * 2000,
        USUAL.replace(b"POST /", b"POST /x"),
        USUAL.replace(b"keep-alive", b"close"),
        USUAL.replace(b"\r\nHost", b"\r\nContent-Length: 2\r\nHost"),
        USUAL.replace(b"\r\nHost", b"\r\nTransfer-Encoding: chunked\r\nHost"),
        USUAL.replace(b"\r\nHost", b"\r\nExpect: 100-continue\r\nHost"),
        USUAL.replace(b"localhost", b"local\0host"),
        USUAL.replace(b"localhost:8000", b" "),
        USUAL.replace(b"Content-Length: 2", b"Content-Length: 2_0"),
        USUAL.replace(b"Content-Length: 2", b"Content-Length: 02"),
        USUAL.replace(b"Content-Length: 2\r\n\r\n{}", b"Content-Length: 4\r\n\r\n{\r\n}"),
        USUAL.replace(
            b"\r\n\r\n{}", b"".join(b"\r\nX%d: y" % n for n in range(70)) + b"\r\n\r\n{}"
        ),
    ],
)
def test_what_is_left_to_the_whole_parser(data):
    assert read(data) is None


def test_limits():
    assert UsualRequests(200, 2).read(USUAL) is None
    assert UsualRequests(1000, 1).read(USUAL) is None
    assert UsualRequests(1000, 2).read(USUAL) is not None


def test_lines_beyond_bound_are_read_all_the_same():
    """Only so many lines are remembered: clients could send any number."""
    reader = UsualRequests(32_768, 1_000_000)
    for number in range(1000):
        request = reader.read(USUAL.replace(b"localhost:8000", b"host%d" % number))
        assert request is not None
        assert request.headers[b"host"] == b"host%d" % number

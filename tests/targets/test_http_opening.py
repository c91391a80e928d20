"""From a URL to a connection: addresses in turn, TLS, proxies. Nothing is sent unless it is sure.

Whatever goes wrong here must be called "nothing was sent": a job then says so, and may say it for
certain.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import uvloop

from pannier.batch.target import OutcomeUnknownError, Reply, TargetUnreachableError
from pannier.errors import UserError
from pannier.targets.http_client import HttpTarget
from pannier.targets.http_route import Endpoint, Proxy, Route, route_to
from pannier.targets.signing import Credentials
from tests.targets.http_servers import Proxy as ProxyServer
from tests.targets.http_servers import certified, echo, listening, read_request

LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}
OUTSIDE = "endpoint.test"  # a name that only the test's proxy or resolver knows


Run = Callable[[Callable[[], Awaitable[Any]]], Any]


@pytest.fixture(params=LOOPS)
def run(request: pytest.FixtureRequest) -> Run:
    def on_loop(work: Callable[[], Awaitable[Any]]) -> Any:
        with asyncio.Runner(loop_factory=LOOPS[request.param]) as runner:

            async def bounded() -> Any:
                return await asyncio.wait_for(work(), 20)

            return runner.run(bounded())

    return on_loop


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "no_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)


async def sent(url: str, body: bytes = b"{}", **options: Any) -> Reply:
    there = HttpTarget(url, "us-east-1", lambda: Credentials("key", "secret"), **options)
    try:
        return await there.send("X", body)
    finally:
        await there.close()


# URLs


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("http://localhost", Endpoint("http", "localhost", 80, "localhost")),
        ("https://a.example/x?y", Endpoint("https", "a.example", 443, "a.example")),
        ("http://[::1]:8000", Endpoint("http", "::1", 8000, "[::1]:8000")),
        ("http://user:word@h:1", Endpoint("http", "h", 1, "h:1")),
        (
            "http://bücher.example:1",
            Endpoint("http", "bücher.example", 1, "xn--bcher-kva.example:1"),
        ),
    ],
)
def test_a_url_names_host_and_port(url: str, endpoint: Endpoint) -> None:
    assert Endpoint.of(url) == endpoint


@pytest.mark.parametrize(
    "url", ["http://a b", "http://a..b", "http://" + "a" * 64, "http://a\x00b"]
)
def test_a_host_that_no_header_or_resolver_takes_is_none(url: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # whoever finds it says it in their own words
        Endpoint.of(url)


# Addresses


class PatchedLoop(asyncio.SelectorEventLoop):
    """A loop with a resolver of its own, and addresses that swallow everything."""

    def __init__(self, found: list[tuple[int, Any]], deaf: set[Any]) -> None:
        super().__init__()
        self.found, self.deaf, self.tried = found, deaf, list[Any]()

    async def getaddrinfo(self, *_: Any, **__: Any) -> Any:  # type: ignore[override]
        return [(family, socket.SOCK_STREAM, 6, "", address) for family, address in self.found]

    async def sock_connect(self, sock: Any, address: Any) -> None:
        self.tried.append(address)
        if address in self.deaf:
            await asyncio.Event().wait()
        await super().sock_connect(sock, address)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port: int = closed.getsockname()[1]
        return port


@pytest.mark.parametrize("is_deaf", [False, True], ids=["refused", "swallowed"])
def test_the_addresses_of_a_name_are_tried_in_turn(is_deaf: bool) -> None:
    dead = ("127.0.0.1", free_port())

    async def send() -> Reply:
        async with listening(echo) as port:
            loop = asyncio.get_running_loop()
            assert isinstance(loop, PatchedLoop)
            loop.found = [(socket.AF_INET, dead), (socket.AF_INET, ("127.0.0.1", port))]
            return await sent(f"http://{OUTSIDE}:{port}", b"here", connect_s_max=0.2)

    loop = PatchedLoop([], {dead} if is_deaf else set())
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        assert runner.run(send()).body == b"here"
    assert loop.tried[0] == dead


def test_the_family_that_answered_last_comes_first() -> None:
    """Where a network has IPv6 in name only, each connection would wait for it in vain."""
    dead = ("::1", 1, 0, 0)

    async def send() -> None:
        async with listening(echo) as port:
            loop = asyncio.get_running_loop()
            assert isinstance(loop, PatchedLoop)
            loop.found = [(socket.AF_INET6, dead), (socket.AF_INET, ("127.0.0.1", port))]
            there = HttpTarget(
                f"http://{OUTSIDE}:{port}",
                "us-east-1",
                lambda: Credentials("key", "secret"),
                connect_s_max=0.2,
            )
            await there.send("X", b"{}")
            await asyncio.gather(there.send("X", b"{}"), there.send("X", b"{}"))
            await there.close()

    loop = PatchedLoop([], {dead})
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(send())
    assert loop.tried.count(dead) == 1


def test_if_no_address_answers_the_last_failure_is_told() -> None:
    dead = [("127.0.0.1", free_port()), ("127.0.0.2", free_port())]
    loop = PatchedLoop([(socket.AF_INET, each) for each in dead], set())
    with (
        asyncio.Runner(loop_factory=lambda: loop) as runner,
        pytest.raises(TargetUnreachableError, match="Connection refused"),
    ):
        runner.run(sent(f"http://{OUTSIDE}"))
    assert loop.tried == dead


def test_a_name_without_an_address_means_that_nothing_was_sent() -> None:
    class NoNames(asyncio.SelectorEventLoop):
        async def getaddrinfo(self, *_: Any, **__: Any) -> Any:  # type: ignore[override]
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with (
        asyncio.Runner(loop_factory=NoNames) as runner,
        pytest.raises(TargetUnreachableError, match="Name or service not known"),
    ):
        runner.run(sent(f"http://{OUTSIDE}"))


def test_a_host_may_be_an_ipv6_address(run: Run) -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6")
    heads: list[str] = []

    async def send() -> Reply:
        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            heads.append((await read_request(reader))[0])
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")

        async with listening(handle, "::1") as port:
            return await sent(f"http://[::1]:{port}")

    assert run(send).status == 200
    assert "host: [::1]:" in heads[0]


# TLS


def test_a_certificate_that_the_user_names_is_trusted(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls, bundle = certified(tmp_path, "localhost", "127.0.0.1")
    monkeypatch.setenv("AWS_CA_BUNDLE", str(bundle))
    body = bytes(3_000_000)

    async def send() -> None:
        async with listening(echo, tls=tls) as port:
            for host in ("127.0.0.1", "localhost"):
                assert (await sent(f"https://{host}:{port}", b"secret")).body == b"secret"
            assert (await sent(f"https://127.0.0.1:{port}", body)).body == body

    run(send)


def test_connections_over_tls_are_used_again_and_checked_before(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls, bundle = certified(tmp_path, "127.0.0.1")
    monkeypatch.setenv("AWS_CA_BUNDLE", str(bundle))
    connections = 0

    async def counted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await echo(reader, writer)

    async def send() -> None:
        async with listening(counted, tls=tls) as port:
            there = HttpTarget(
                f"https://127.0.0.1:{port}", "us-east-1", lambda: Credentials("key", "secret")
            )
            for number in range(5):
                body = b"%d" % number
                assert (await there.send("X", body)).body == body
                assert there._pool is not None
                there._pool._idle[0].idle_since_s -= 1.0  # long enough to be looked at
            await there.close()

    run(send)
    assert connections == 1


@pytest.mark.parametrize(
    ("names", "is_named", "reason"),
    [
        (["127.0.0.1"], False, "does not show who it is: .*self-signed"),
        (["other.example"], True, "IP address mismatch"),
    ],
    ids=["unknown", "of another host"],
)
def test_a_certificate_that_is_not_trusted_means_that_nothing_was_sent(
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    names: list[str],
    is_named: bool,
    reason: str,
) -> None:
    tls, bundle = certified(tmp_path, *names)
    if is_named:
        monkeypatch.setenv("AWS_CA_BUNDLE", str(bundle))

    async def send() -> None:
        async with listening(echo, tls=tls) as port:
            with pytest.raises(TargetUnreachableError, match=reason) as raised:
                await sent(f"https://127.0.0.1:{port}")
        assert "export AWS_CA_BUNDLE=FILE" in raised.value.advice

    run(send)


def test_certificates_that_the_system_is_told_to_trust_are_trusted(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As curl and others take it; AWS_CA_BUNDLE goes before it."""
    tls, bundle = certified(tmp_path, "127.0.0.1")
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))

    async def send() -> None:
        async with listening(echo, tls=tls) as port:
            assert (await sent(f"https://127.0.0.1:{port}", b"secret")).body == b"secret"

    run(send)


def test_a_server_without_tls_means_that_nothing_was_sent(run: Run) -> None:
    async def send() -> None:
        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read(100)
            writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        async with listening(handle) as port:
            with pytest.raises(TargetUnreachableError, match="speaks no TLS"):
                await sent(f"https://127.0.0.1:{port}")

    run(send)


def test_a_handshake_that_does_not_end_means_that_nothing_was_sent(run: Run) -> None:
    async def send() -> None:
        async def handle(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
            await reader.read()

        async with listening(handle) as port:
            with pytest.raises(TargetUnreachableError, match="time-out"):
                await sent(f"https://127.0.0.1:{port}", connect_s_max=0.1)

    run(send)


def test_a_break_after_the_handshake_leaves_the_outcome_unknown(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls, bundle = certified(tmp_path, "127.0.0.1")
    monkeypatch.setenv("AWS_CA_BUNDLE", str(bundle))

    async def send() -> None:
        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await read_request(reader)
            writer.transport.abort()

        async with listening(handle, tls=tls) as port:
            with pytest.raises(OutcomeUnknownError):
                await sent(f"https://127.0.0.1:{port}")

    run(send)


def test_certificates_that_are_not_there_are_said_so(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", str(tmp_path / "none.pem"))

    async def send() -> None:
        with pytest.raises(UserError, match=r"AWS_CA_BUNDLE can't be read"):
            await sent("https://127.0.0.1:1")

    run(send)


# Proxies


@pytest.mark.parametrize(
    ("url", "variables", "proxy"),
    [
        (f"http://{OUTSIDE}", {}, None),
        (f"http://{OUTSIDE}", {"HTTP_PROXY": "http://p:3128"}, Proxy("p", 3128)),
        (f"http://{OUTSIDE}", {"http_proxy": "p:3128"}, Proxy("p", 3128)),
        (f"http://{OUTSIDE}", {"HTTPS_PROXY": "http://p:3128"}, None),
        (f"https://{OUTSIDE}", {"https_proxy": "http://p"}, Proxy("p", 80)),
        (f"https://{OUTSIDE}", {"HTTPS_PROXY": "http://p", "NO_PROXY": "x, .test"}, None),
        (f"https://{OUTSIDE}", {"HTTPS_PROXY": "http://p", "NO_PROXY": "*"}, None),
        (f"https://{OUTSIDE}", {"HTTPS_PROXY": ""}, None),
        ("http://localhost:8000", {"HTTP_PROXY": "http://p:3128"}, None),
        ("http://127.0.0.2:8000", {"HTTP_PROXY": "http://p:3128"}, None),
        ("http://[::1]:8000", {"HTTP_PROXY": "http://p:3128"}, None),
        (
            f"https://{OUTSIDE}",
            {"HTTPS_PROXY": "http://me:a%40b@p:1"},
            Proxy("p", 1, "Basic bWU6YUBi"),
        ),
    ],
)
def test_proxies_are_those_of_the_environment(
    url: str, variables: dict[str, str], proxy: Proxy | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    endpoint = Endpoint.of(url)
    assert route_to(endpoint) == Route(endpoint, proxy)


@pytest.mark.parametrize("proxy", ["socks5://p:1", "https://p:1", "http://p:port", "http://"])
def test_a_proxy_that_can_not_be_used_is_said_so(
    proxy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(UserError, match="HTTPS_PROXY") as caught:
        HttpTarget(f"https://{OUTSIDE}", "us-east-1", lambda: Credentials("key", "secret"))
    assert "NO_PROXY" in caught.value.advice


def test_a_plain_request_is_handed_to_the_proxy(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = ProxyServer()

    async def send() -> Reply:
        async with listening(proxy.handle) as port:
            monkeypatch.setenv("HTTP_PROXY", f"http://me:word@127.0.0.1:{port}")
            return await sent(f"http://{OUTSIDE}:8000", b"items")

    assert run(send).body == b"items"
    (head,) = proxy.heads
    assert head.startswith(f"POST http://{OUTSIDE}:8000/ HTTP/1.1\r\n")
    assert f"host: {OUTSIDE}:8000\r\n" in head
    assert "proxy-authorization: Basic bWU6d29yZA==\r\n" in head


def test_an_encrypted_request_goes_through_a_tunnel(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proxy sees the host and nothing else, and the certificate must be the host's."""
    tls, bundle = certified(tmp_path, OUTSIDE)
    monkeypatch.setenv("AWS_CA_BUNDLE", str(bundle))
    proxy = ProxyServer()

    async def send() -> Reply:
        async with listening(echo, tls=tls) as there, listening(proxy.handle) as port:
            monkeypatch.setenv("HTTPS_PROXY", f"http://me:word@127.0.0.1:{port}")
            return await sent(f"https://{OUTSIDE}:{there}", b"items")

    assert run(send).body == b"items"
    (head,) = proxy.heads
    assert head.startswith(f"CONNECT {OUTSIDE}:")
    assert "proxy-authorization: Basic bWU6d29yZA==\r\n" in head
    assert "x-amz" not in head.lower()


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "407 Proxy Authentication"),
        (b"HTTP/1.1 502 Bad Gateway\r\n\r\n", "502 Bad Gateway"),
        (b"SSH-2.0\r\n\r\n", "SSH-2.0"),
        (b"", "no answer to CONNECT"),
        (b"HTTP/1.1 200 OK\r\n" + b"x" * 20_000, "no answer to CONNECT"),
    ],
)
def test_a_proxy_that_refuses_means_that_nothing_was_sent(
    run: Run, monkeypatch: pytest.MonkeyPatch, answer: bytes, reason: str
) -> None:
    async def send() -> None:
        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await read_request(reader)
            writer.write(answer)
            await writer.drain()

        async with listening(handle) as port:
            monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
            with pytest.raises(TargetUnreachableError, match=reason):
                await sent(f"https://{OUTSIDE}")

    run(send)

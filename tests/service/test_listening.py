"""The addresses that a server listens on, and the URL by which it is found."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from pannier.errors import UserError
from pannier.service.listening import addresses_of, hosts_here, is_near, listening, url_of

V4, V6 = socket.AF_INET, socket.AF_INET6


@contextmanager
def listeners(*names: str) -> Iterator[list[socket.socket]]:
    sockets = listening(0, names)
    try:
        yield sockets
    finally:
        for each in sockets:
            each.close()


def test_without_a_name_it_is_loopback():
    with listeners() as sockets:
        addresses = {each.getsockname()[0] for each in sockets}
        assert addresses <= {"127.0.0.1", "::1"}
        assert len({each.getsockname()[1] for each in sockets}) == 1
        assert hosts_here(sockets)[0] == "127.0.0.1"


def test_all_addresses_are_reached_by_loopback_from_here():
    with listeners("0.0.0.0") as sockets:
        assert hosts_here(sockets) == ["127.0.0.1"]
    with listeners("127.0.0.2") as sockets:
        assert hosts_here(sockets) == ["127.0.0.2"]


def test_several_names_have_one_port():
    with listeners("127.0.0.1", "127.0.0.2", "127.0.0.1") as sockets:
        assert [each.getsockname()[0] for each in sockets] == ["127.0.0.1", "127.0.0.2"]
        assert len({each.getsockname()[1] for each in sockets}) == 1


@pytest.mark.parametrize(
    ("names", "near"),
    [
        ((), True),
        (("localhost",), True),
        (("127.0.0.1", "[::1]"), True),
        (("127.3.2.1",), True),
        (("0.0.0.0",), False),
        (("::",), False),
        (("10.0.0.1",), False),
        (("127.0.0.1", "192.0.2.1"), False),
        (("::ffff:10.0.0.1",), False),
    ],
)
def test_only_loopback_is_near(names: tuple[str, ...], near: bool):
    assert is_near(names) is near


def test_a_name_is_near_if_all_of_its_addresses_are(monkeypatch: pytest.MonkeyPatch):
    """It is looked up, not guessed; and each address of it counts."""
    found = [(V4, 1, 6, "", ("127.0.0.1", 0)), (V6, 1, 6, "", ("2001:db8::1", 0, 0, 0))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    assert addresses_of(["x"]) == [(V4, "127.0.0.1"), (V6, "2001:db8::1")]
    assert not is_near(["x"])
    found.pop()
    assert is_near(["x"])


@pytest.mark.parametrize("name", ["no.such.host.invalid", "a b", "x" * 300])
def test_a_name_without_an_address(name: str):
    with pytest.raises(UserError, match="there is no address"):
        listening(0, [name])


def test_an_address_of_another_machine():
    with pytest.raises(UserError, match=r"192\.0\.2\.1 is no address of this machine") as raised:
        listening(0, ["127.0.0.1", "192.0.2.1"])
    assert "0.0.0.0" in raised.value.advice


def test_a_port_that_is_taken_lets_go_of_the_others():
    with socket.create_server(("127.0.0.2", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UserError, match=f"port {port} is in use"):
            listening(port, ["127.0.0.1", "127.0.0.2"])
        with socket.create_server(("127.0.0.1", port)):
            pass


def test_urls():
    assert url_of("127.0.0.1", 8000) == "http://127.0.0.1:8000"
    assert url_of("::1", 8000, is_tls=True) == "https://[::1]:8000"

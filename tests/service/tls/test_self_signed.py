"""The certificate that a server makes for itself: kept for its clients, and no longer than good."""

import builtins
import ssl
import stat
import time
from pathlib import Path
from typing import Any

import pytest

from pannier.errors import UserError
from pannier.service.tls.self_signed import kept_or_made

DAY_S = 86400.0


def names(folder: Path, *hosts: str) -> set[str]:
    return set(kept_or_made(folder, hosts, time.time).found.names)


def test_it_is_for_loopback_and_for_the_hosts_that_are_named(tmp_path: Path):
    found = names(tmp_path / "tls", "devbox.example", "10.1.2.3", "[fd00::1]")
    assert {"localhost", "127.0.0.1", "devbox.example", "10.1.2.3"} <= found
    assert {"0:0:0:0:0:0:0:1", "FD00:0:0:0:0:0:0:1"} <= found


def test_nobody_else_can_read_the_key(tmp_path: Path):
    names(tmp_path / "tls")
    assert stat.S_IMODE((tmp_path / "tls").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "tls" / "key.pem").stat().st_mode) == 0o600
    assert {each.name for each in (tmp_path / "tls").iterdir()} == {"certificate.pem", "key.pem"}


def test_clients_that_are_strict_take_it_and_it_can_vouch_for_no_other(tmp_path: Path):
    server = kept_or_made(tmp_path, (), time.time)
    client = ssl.create_default_context(cafile=str(server.path))
    client.verify_flags |= ssl.VerifyFlags.VERIFY_X509_STRICT
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    here = client.wrap_bio(to_client, to_server, server_hostname="127.0.0.1")
    there = server.context.wrap_bio(to_server, to_client, server_side=True)
    for side in (here, there, here, there):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue
    assert here.version() == "TLSv1.3"
    assert client.get_ca_certs() == []  # none of an authority


def test_it_is_kept_as_long_as_it_is_good(tmp_path: Path):
    now = time.time()
    first = kept_or_made(tmp_path, ("a.example",), lambda: now).path.read_bytes()
    assert kept_or_made(tmp_path, ("a.example",), lambda: now).path.read_bytes() == first
    assert kept_or_made(tmp_path, (), lambda: now + 366 * DAY_S).path.read_bytes() == first
    assert kept_or_made(tmp_path, (), lambda: now + 368 * DAY_S).path.read_bytes() != first


def test_a_new_host_takes_a_new_one(tmp_path: Path):
    first = kept_or_made(tmp_path, (), time.time).path.read_bytes()
    assert "b.example" in names(tmp_path, "B.example")
    assert (tmp_path / "certificate.pem").read_bytes() != first


@pytest.mark.parametrize("file", ["certificate.pem", "key.pem"])
def test_a_damaged_one_is_made_again(tmp_path: Path, file: str):
    names(tmp_path)
    (tmp_path / file).write_text("-----BEGIN CERTIFICATE----- PRIVATE KEY----- nonsense")
    assert "localhost" in names(tmp_path)


def test_a_folder_that_can_not_be_written(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="can't be kept in"):
        names(tmp_path / "file")


def test_without_the_library_it_is_said_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    real = builtins.__import__

    def missing(name: str, *rest: Any) -> Any:
        if name.startswith("cryptography"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(UserError, match="is not installed") as raised:
        names(tmp_path)
    assert "pip install 'pannier[tls]'" in raised.value.advice

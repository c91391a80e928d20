"""Certificates that a user names: what is wrong with one is said, and what to do."""

import datetime
import logging
import ssl
from pathlib import Path

import pytest

from pannier.errors import UserError
from pannier.service.tls.certificate import ServerCertificate
from pannier.service.tls.context import server_context
from tests.service.tls.certificates import DAY, certified


def test_a_good_one_says_what_it_is_for(tmp_path: Path):
    found = ServerCertificate.read(
        *certified(tmp_path, "db.example", "*.db.example", "localhost", "::1", ends=10 * DAY)
    )
    assert found.found.problem == ""
    assert found.url_hosts == ("localhost", "db.example")
    left_s = found.found.ends_s - datetime.datetime.now(datetime.UTC).timestamp()
    assert 9.9 * 86400 < left_s <= 10 * 86400


def test_nothing_older_than_tls_1_2_is_spoken(tmp_path: Path):
    context = server_context(*certified(tmp_path, "localhost"))
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2


def test_a_key_of_another_certificate(tmp_path: Path):
    certificate, _ = certified(tmp_path / "a", "localhost")
    _, key = certified(tmp_path / "b", "localhost")
    with pytest.raises(UserError, match="is not the key of") as raised:
        server_context(certificate, key)
    assert "--tls-key FILE" in raised.value.advice


def test_a_key_that_is_encrypted(tmp_path: Path):
    """A server that starts by itself has nobody to ask for the passphrase."""
    with pytest.raises(UserError, match="is encrypted") as raised:
        server_context(*certified(tmp_path, "localhost", passphrase=b"secret"))
    assert "openssl pkey" in raised.value.advice


def test_files_that_are_not_there_or_something_else(tmp_path: Path):
    certificate, key = certified(tmp_path, "localhost")
    missing, empty, binary = tmp_path / "none.pem", tmp_path / "empty.pem", tmp_path / "x.der"
    empty.touch()
    binary.write_bytes(bytes(range(256)))
    for pair, said in {
        (missing, key): "the certificate .* can't be read: No such file",
        (certificate, missing): "the key .* can't be read: No such file",
        (certificate, tmp_path): "the key .* can't be read: Is a directory",
        (empty, key): "holds no certificate in PEM form",
        (certificate, binary): "holds no key in PEM form",
        (key, certificate): "holds no certificate in PEM form",
    }.items():
        with pytest.raises(UserError, match=said):
            server_context(*pair)


def test_a_file_that_is_cut_off(tmp_path: Path):
    certificate, key = certified(tmp_path, "localhost")
    certificate.write_bytes(certificate.read_bytes()[:300])
    with pytest.raises(UserError, match="can't be used"):
        server_context(certificate, key)


@pytest.mark.parametrize(
    ("begins", "ends", "problem"),
    [(-2 * DAY, -DAY, "it has expired"), (DAY, 2 * DAY, "it is not valid yet")],
)
def test_one_that_is_not_good_now(
    tmp_path: Path, begins: datetime.timedelta, ends: datetime.timedelta, problem: str
):
    """The server serves with it all the same, since the clients decide; but its user is told."""
    found = ServerCertificate.read(*certified(tmp_path, "localhost", begins=begins, ends=ends))
    assert found.found.problem == problem


def test_one_without_a_name(tmp_path: Path):
    """Clients have looked at nothing but alternative names for years."""
    found = ServerCertificate.read(*certified(tmp_path))
    assert found.found.problem == "it names no host (subjectAltName)"


def test_a_key_that_is_too_weak(tmp_path: Path):
    with pytest.raises(UserError, match="can't be used"):
        ServerCertificate.read(*certified(tmp_path, "localhost", weak=True))


def test_it_is_read_again_and_a_bad_one_changes_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    certificate, key = certified(tmp_path, "first.example")
    server = ServerCertificate.read(certificate, key)
    assert shown(server) == {"first.example"}
    certified(tmp_path, "second.example")
    with caplog.at_level(logging.WARNING):
        server.reread()
    assert shown(server) == {"second.example"}
    other, _ = certified(tmp_path / "other", "third.example")
    certificate.write_bytes(other.read_bytes())
    with caplog.at_level(logging.ERROR):
        server.reread()
    assert "the certificate stays as it was" in caplog.text
    assert shown(server) == {"second.example"}


def shown(server: ServerCertificate) -> set[str]:
    """The names in the certificate that a client is shown."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting.check_hostname = False
    trusting.verify_mode = ssl.CERT_NONE
    client = trusting.wrap_bio(to_client, to_server)
    there = server.context.wrap_bio(to_server, to_client, server_side=True)
    for side in (client, there, client, there, client):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue
    from cryptography import x509

    binary = client.getpeercert(binary_form=True)
    assert binary is not None
    extension = x509.load_der_x509_certificate(binary).extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )
    return set(extension.value.get_values_for_type(x509.DNSName))

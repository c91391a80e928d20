"""`pannier serve` for others: which options let whom in, and what the user is told."""

import json
import re
import socket
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from pannier.service.access.credentials import Credential
from pannier.service.access.credentials_change import add_credential, new_credential
from tests.conftest import run_pannier, serving, serving_with_words
from tests.service.wire import Wire, post

SIGNED = {
    "X_Amz_Target": "DynamoDB_20120810.ListTables",
    "X_Amz_Date": "20261123T080000Z",
    "Authorization": "AWS4-HMAC-SHA256 Credential=c, SignedHeaders=h, Signature=s",
}


@pytest.fixture
def credentials(tmp_path: Path) -> tuple[Path, Credential]:
    path, credential = tmp_path / "credentials.toml", new_credential("ann")
    add_credential(path, credential)
    return path, credential


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
def test_nobody_else_gets_in_without_credentials(tmp_path: Path, host: str):
    ran = run_pannier("serve", "--memory", "--port", "0", "--host", host, cwd=tmp_path)
    assert ran.returncode == 1
    assert ran.stderr.splitlines() == [
        f"pannier: --host {host} would let everybody in who gets there",
        "Demand credentials: pannier credentials new NAME, and add: --credentials FILE",
    ]


def test_one_host_of_several_is_enough_to_be_refused(tmp_path: Path):
    options = ("--host", "127.0.0.1", "--host", "0.0.0.0")
    ran = run_pannier("serve", "--memory", "--port", "0", *options, cwd=tmp_path)
    assert ran.returncode == 1
    assert "would let everybody in" in ran.stderr


def test_other_machines_reach_it_with_credentials(
    tmp_path: Path, credentials: tuple[Path, Credential]
):
    """They use any name that leads there; the note and the URL are for this machine."""
    path, credential = credentials
    folder = tmp_path / "db"
    options = ("--path", str(folder), "--host", "0.0.0.0", "--credentials", str(path))
    with serving_with_words(*options) as (words, _):
        url = words.split("\n")[0].split(" at ")[1]
        assert urlsplit(url).hostname == "127.0.0.1"
        assert json.loads((folder / "owner.json").read_bytes())["url"] == url
        assert "Other machines reach it, too: it listens on 0.0.0.0." in words
        assert "Data travel in the clear" in words
        assert credential.secret_access_key not in words
        assert "AWS_SECRET_ACCESS_KEY" not in words
        elsewhere = f"http://127.0.0.9:{urlsplit(url).port}"
        dynamodb = boto3.client(
            "dynamodb", endpoint_url=elsewhere, region_name="eu-west-1",
            aws_access_key_id=credential.access_key_id,
            aws_secret_access_key=credential.secret_access_key,
            config=Config(retries={"total_max_attempts": 1}),
        )  # fmt: skip
        assert dynamodb.list_tables()["TableNames"] == []
        stranger = boto3.client(
            "dynamodb", endpoint_url=elsewhere, region_name="eu-west-1",
            aws_access_key_id="local", aws_secret_access_key="local",
            config=Config(retries={"total_max_attempts": 1}),
        )  # fmt: skip
        with pytest.raises(ClientError, match="UnrecognizedClientException"):
            stranger.list_tables()


def test_with_tls_nothing_travels_in_the_clear(
    tmp_path: Path, credentials: tuple[Path, Credential]
):
    path, credential = credentials
    options = ("--path", str(tmp_path / "db"), "--host", "0.0.0.0", "--credentials", str(path))
    with serving_with_words(*options, "--tls-self-signed", "--no-console") as (words, _):
        assert "in the clear" not in words
        assert "--credentials" not in words
        found = re.search(r"AWS_CA_BUNDLE=(\S+)", words)
        assert found is not None
        dynamodb = boto3.client(
            "dynamodb", endpoint_url=words.split("\n")[0].split(" at ")[1], verify=found[1],
            region_name="eu-west-1", aws_access_key_id=credential.access_key_id,
            aws_secret_access_key=credential.secret_access_key,
        )  # fmt: skip
        assert dynamodb.list_tables()["TableNames"] == []


def test_the_console_stays_on_this_machine(tmp_path: Path, credentials: tuple[Path, Credential]):
    """Its shell runs programs: that is for who sits here, whoever may ask the server."""
    options = ("--memory", "--host", "0.0.0.0", "--credentials", str(credentials[0]))
    with serving_with_words(*options) as (words, _):
        found = re.search(r"console: (http://127\.0\.0\.1:(\d+)/) \(sign in", words)
        assert found is not None, words
        with socket.socket() as elsewhere:
            elsewhere.settimeout(5)
            assert elsewhere.connect_ex(("127.0.0.9", int(found[2]))) != 0


def test_a_name_of_ones_own_is_let_in(tmp_path: Path):
    with serving("--memory", "--no-console", "--allow-host", "db.example") as (url, _):
        port = urlsplit(url).port or 0
        for host, status in (("db.example", 200), ("db.example:1", 200), ("evil.example", 403)):
            with Wire(port) as wire:
                request = post(b"{}", **SIGNED).replace(b"localhost", host.encode())
                assert wire.ask(request).status == status, host


@pytest.mark.parametrize("path", ["/", "/metrics", "/_pannier/", "/service/x/operation/y"])
def test_every_place_of_the_server_is_behind_its_door(path: str):
    with serving("--memory", "--no-console") as (url, _):
        for name, value in (("Host", "evil.example"), ("Origin", "https://evil.example")):
            asked = urllib.request.Request(url + path, headers={name: value})
            with pytest.raises(urllib.error.HTTPError) as raised:
                urllib.request.urlopen(asked, timeout=10)
            assert raised.value.code == 403
            raised.value.close()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--allow-host", "http://x"], "'http://x' is no name of a host"),
        (["--allow-origin", "x"], "'x' is no origin of a page"),
        (["--allow-origin", "*"], "would let every web page read and change the data"),
        (["--host", "no.such.host.invalid"], "there is no address 'no.such.host.invalid'"),
    ],
)
def test_options_that_can_not_be(tmp_path: Path, options: list[str], said: str):
    ran = run_pannier("serve", "--port", "0", "--path", "db", *options, cwd=tmp_path)
    assert ran.returncode == 1
    assert said in ran.stderr
    assert "Traceback" not in ran.stderr
    assert not (tmp_path / "db").exists()

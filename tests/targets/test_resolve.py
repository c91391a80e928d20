"""From a name to a target: what is meant, in which order, and what is never done unasked."""

import asyncio
import os
import re
from pathlib import Path

import orjson
import pytest

from pannier.batch.target import Reply, Target
from pannier.engine.database import Database
from pannier.errors import UserError
from pannier.storage.folder import FolderHeldError
from pannier.targets.http_client import HttpTarget
from pannier.targets.in_process import InProcessTarget
from pannier.targets.resolve import resolve, target_name
from pannier.targets.signing import Credentials
from tests.conftest import serving
from tests.targets.small_server import answer, server


@pytest.fixture(autouse=True)
def _nobody_at_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No profile, no credentials, no region, and an empty working folder."""
    for name in list(os.environ):
        if name.startswith(("AWS_", "PANNIER_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.chdir(tmp_path)


def closed(target: Target) -> None:
    asyncio.run(target.close())


# The order of precedence


@pytest.mark.parametrize(
    ("given", "environment", "name"),
    [
        (None, {}, "local"),
        ("", {}, "local"),
        (None, {"AWS_ENDPOINT_URL": "http://a:1"}, "http://a:1"),
        (
            None,
            {"AWS_ENDPOINT_URL": "http://a:1", "AWS_ENDPOINT_URL_DYNAMODB": "http://b:2"},
            "http://b:2",
        ),
        (None, {"PANNIER_TARGET": "memory", "AWS_ENDPOINT_URL_DYNAMODB": "http://b:2"}, "memory"),
        ("local:x", {"PANNIER_TARGET": "memory", "AWS_ENDPOINT_URL": "http://a:1"}, "local:x"),
        (None, {"PANNIER_TARGET": "", "AWS_ENDPOINT_URL": "http://a:1"}, "http://a:1"),
        (None, {"AWS_REGION": "eu-central-1", "AWS_PROFILE": "work"}, "local"),
    ],
)
def test_the_nearest_word_counts(given: str | None, environment: dict[str, str], name: str) -> None:
    assert target_name(given, environment) == name


def test_the_environment_is_looked_at_when_the_target_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PANNIER_TARGET", "memory")
    target = resolve()
    assert target.name.startswith("memory")
    closed(target)


# Names


def test_memory_leaves_nothing(tmp_path: Path) -> None:
    closed(resolve("memory"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "folder"), [(None, ".pannier"), ("local", ".pannier"), ("local:a/b", "a/b")]
)
def test_local_is_a_folder(name: str | None, folder: str, tmp_path: Path) -> None:
    target = resolve(name)
    assert isinstance(target, InProcessTarget)
    assert target.name == f"local ({folder})"
    assert (tmp_path / folder / "format.json").exists()
    closed(target)


@pytest.mark.parametrize("name", ["lokal", "localhost:8000", "AWS", "./folder", "127.0.0.1:8000"])
def test_a_name_that_means_nothing_is_an_error_that_says_what_to_use(name: str) -> None:
    with pytest.raises(UserError, match=re.escape(f"there is no target '{name}'")) as caught:
        resolve(name)
    assert "local:PATH" in caught.value.advice


@pytest.mark.parametrize("name", ["ftp://127.0.0.1", "http://[::1", "http://localhost:port"])
def test_a_url_that_is_none_is_an_error(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    with pytest.raises(UserError, match="is no URL of an endpoint"):
        resolve(name)


# Credentials


def credentials(target: Target) -> Credentials:
    assert isinstance(target, HttpTarget)
    return target._credentials()


def test_loopback_needs_no_credentials() -> None:
    """Pannier's own server takes any; whoever tries it out has none."""
    for url in ("http://localhost:8000", "http://127.0.0.1:8000", "http://[::1]:8000"):
        target = resolve(url)
        assert target.name == url
        assert credentials(target) == Credentials("pannier", "pannier")


def test_loopback_uses_the_credentials_of_the_environment_if_there_are_any(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    assert credentials(resolve("http://localhost:8000")) == Credentials("pannier", "pannier")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    assert credentials(resolve("http://localhost:8000")) == Credentials("key", "secret")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token")
    assert credentials(resolve("http://localhost:8000")) == Credentials("key", "secret", "token")


@pytest.mark.parametrize("name", ["aws", "https://dynamodb.eu-central-1.amazonaws.com"])
def test_any_other_place_needs_credentials(name: str) -> None:
    with pytest.raises(UserError, match="no AWS credentials") as caught:
        resolve(name)
    assert "aws configure" in caught.value.advice


def test_another_place_gets_the_credentials_of_botocores_chain(tmp_path: Path) -> None:
    (tmp_path / "credentials").write_text(
        "[default]\naws_access_key_id = filed\naws_secret_access_key = away\n"
    )
    target = resolve("https://example.test")
    assert credentials(target) == Credentials("filed", "away")


def test_a_profile_that_does_not_exist_is_an_error_that_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(UserError, match="nobody"):
        resolve("aws")


# Regions


def region(target: Target) -> str:
    """The region that a request would be signed for."""
    assert isinstance(target, HttpTarget)
    signed = target._signer.headers(Credentials("key", "secret"), "X.Y", b"")["authorization"]
    return signed.split("/")[2]


@pytest.mark.parametrize("url", ["http://localhost:8000", "https://example.test"])
def test_a_url_is_signed_for_the_region_of_the_environment(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    assert region(resolve(url)) == "us-east-1"
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    assert region(resolve(url)) == "eu-west-1"
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    assert region(resolve(url)) == "eu-central-1"


def test_aws_needs_a_region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    with pytest.raises(UserError, match="needs a region") as caught:
        resolve("aws")
    assert "AWS_REGION" in caught.value.advice


@pytest.mark.parametrize("variable", ["AWS_REGION", "AWS_DEFAULT_REGION"])
def test_aws_is_the_endpoint_of_the_region(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The advice names AWS_REGION, which botocore itself does not look at."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv(variable, "eu-central-1")
    target = resolve("aws")
    assert isinstance(target, HttpTarget)
    assert target.url == "https://dynamodb.eu-central-1.amazonaws.com/"
    assert target.name == "aws (eu-central-1, https://dynamodb.eu-central-1.amazonaws.com)"
    assert region(target) == "eu-central-1"


# On the wire


def test_a_url_is_what_requests_go_to() -> None:
    async def send() -> tuple[Reply, list[str]]:
        async with server(answer("200 OK", b'{"TableNames":[]}')) as seen:
            target = resolve(seen.url)
            reply = await target.send("ListTables", b"{}")
            await target.close()
            return reply, seen.heads

    reply, heads = asyncio.run(send())
    assert reply.status == 200
    assert "Credential=pannier/" in heads[0]


# Who holds the folder


def test_a_folder_that_a_server_holds_is_reached_through_the_server(tmp_path: Path) -> None:
    folder = tmp_path / "db"
    with serving("--path", str(folder)) as (url, _):

        async def use() -> Reply:
            target = resolve(f"local:{folder}")
            assert target.name == f"local ({folder}, served at {url})"
            try:
                return await target.send("ListTables", b"{}")
            finally:
                await target.close()

        reply = asyncio.run(use())
    assert orjson.loads(reply.body) == {"TableNames": []}
    target = resolve(f"local:{folder}")
    assert isinstance(target, InProcessTarget), "the server is gone and has let go of the folder"
    closed(target)


def test_a_folder_that_a_process_holds_without_serving_it_is_an_error(tmp_path: Path) -> None:
    with (
        Database.open(tmp_path / "db"),
        pytest.raises(FolderHeldError, match=f"held by process {os.getpid()}") as caught,
    ):
        resolve(f"local:{tmp_path / 'db'}")
    assert "local:PATH" in caught.value.advice

"""Secrets and signatures are nowhere but where they have to be."""

import http.client
import os
import re
import subprocess
import sys
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from pannier.service.access.credentials import Credential
from pannier.service.access.credentials_change import add_credential, new_credential
from pannier.service.access.server_access import ServerAccess
from pannier.targets.admin import AdminClient
from pannier.targets.http_client import HttpTarget
from pannier.targets.http_route import Endpoint, route_to
from pannier.targets.resolve import target_name
from pannier.targets.signing import Credentials, Signer
from tests.conftest import run_pannier
from tests.service.wire import Wire, post

SECRET = "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY12"
SIGNATURE = "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"


@dataclass
class Session:
    """A server with credentials and a console, after it was used and misused."""

    folder: Path
    credential: Credential
    said: str = ""
    secrets: list[str] = field(default_factory=list)
    command_lines: list[str] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)
    owner: str = ""


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    folder = tmp_path_factory.mktemp("secrets")
    outside = tmp_path_factory.mktemp("credentials") / "credentials.toml"
    found = Session(folder, new_credential("ann"))
    add_credential(outside, found.credential)
    process = subprocess.Popen(
        [sys.executable, "-X", "dev", "-m", "pannier", "serve", "--port", "0", "--path", "db",
         "--credentials", str(outside)],
        cwd=folder, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONWARNINGS": "ignore", "AWS_SECRET_ACCESS_KEY": SECRET},
    )  # fmt: skip
    assert process.stderr is not None
    try:
        lines = [process.stderr.readline()]
        while "Ctrl-C" not in lines[-1]:
            lines.append(process.stderr.readline())
        url = lines[0].split(" at ")[1].strip()
        console = re.search(r"console: (\S+)", "".join(lines))
        assert console is not None
        _use(found, url, console[1])
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        # Whose thread has started it, has it.
        for thread in Path(f"/proc/{process.pid}/task").iterdir():
            children += (thread / "children").read_text().split()
        for each in {str(process.pid), *children}:
            found.command_lines.append(Path(f"/proc/{each}/cmdline").read_text())
            variables = Path(f"/proc/{each}/environ").read_text().split("\0")
            found.secrets += [
                each.partition("=")[2] for each in variables if each.startswith("AWS_SECRET")
            ]
        found.owner = (folder / "db" / "owner.json").read_text()
    finally:
        process.terminate()
        _, rest = process.communicate(timeout=20)
    found.said = "".join(lines) + rest
    found.secrets += [found.credential.secret_access_key, SIGNATURE]
    return found


def _use(session: Session, url: str, console: str) -> None:
    credential = session.credential
    ours = {
        "AWS_ACCESS_KEY_ID": credential.access_key_id,
        "AWS_SECRET_ACCESS_KEY": credential.secret_access_key,
    }
    (session.folder / "items.jsonl").write_text('{"p": "1"}\n{"p": 2}\n{"p": "3"}\n')
    commands = (
        ["create-table", "things", "--key", "p:S"],
        ["write", "--table", "things", "--report", "report.json", "items.jsonl"],
        ["get", "--table", "things", "items.jsonl"],
        ["throttle"],
        ["monitor", "--once"],
        ["config"],
    )
    said = ""
    for command in commands:
        target = [] if command == ["config"] else ["--target", url]
        ran = run_pannier(*command, *target, cwd=session.folder, **ours)
        assert ran.returncode in (0, 1), ran.stderr
        said += ran.stdout + ran.stderr
    wrong = {**ours, "AWS_SECRET_ACCESS_KEY": SECRET}
    for command in commands[1:5]:
        ran = run_pannier(*command, "--target", url, cwd=session.folder, **wrong)
        assert ran.returncode != 0
        said += ran.stdout + ran.stderr
    session.pages.append(said)
    _misuse(session, url)
    port = urlsplit(console).port or 0
    for secret in (SECRET, credential.secret_access_key):
        body = urlencode({"id": credential.access_key_id, "secret": secret})
        asked = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        asked.request("POST", "/sign-in", body)
        answer = asked.getresponse()
        session.pages.append(answer.read().decode() + str(answer.headers))
        cookie = (answer.headers["Set-Cookie"] or "").partition(";")[0]
        asked.close()
    for path in ("tables", "capacity", "shell", "metrics"):
        page = urllib.request.Request(f"{console}{path}", headers={"Cookie": cookie})
        with urllib.request.urlopen(page, timeout=30) as shown:
            session.pages.append(shown.read().decode())


def _misuse(session: Session, url: str) -> None:
    """Requests that are refused for their signature, in each API."""
    scope = f"{session.credential.access_key_id}/20261123/us-east-1/dynamodb/aws4_request"
    good = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature={SIGNATURE}"
    for authorization in (good, f"AWS4-HMAC-SHA256 Signature={SIGNATURE}", f"Bearer {SECRET}"):
        for path, target in (("/", "DynamoDB_20120810.ListTables"), ("/_pannier/", ""), ("/x", "")):
            with Wire(urlsplit(url).port or 0) as wire:
                reply = wire.ask(
                    post(b"{}", path, X_Amz_Target=target, X_Amz_Date="20261123T080000Z",
                         Authorization=authorization)
                )  # fmt: skip
                assert reply.status in (400, 403)


def test_each_process_has_a_secret_of_its_own(session: Session):
    """Else what follows would look for nothing: the console has one that the server has made."""
    assert len(session.command_lines) == 2
    assert len({*session.secrets}) == 4  # the user's, the console's, the credential's, a signature


def test_command_lines_have_none(session: Session):
    for line in session.command_lines:
        assert not [each for each in session.secrets if each in line]


def test_what_is_said_has_none(session: Session):
    """By the server, its console, and commands; on their terminals, in errors, on pages."""
    for text in (session.said, session.owner, *session.pages):
        assert not [each for each in session.secrets if each in text]


def test_no_file_has_one(session: Session):
    """The database, its log, its metrics, a job's journal, its report, its failures."""
    files = [each for each in session.folder.rglob("*") if each.is_file()]
    assert {"report.json", "format.json"} <= {each.name for each in files}
    for path in files:
        content = path.read_bytes()
        for each in session.secrets:
            assert each.encode() not in content, path


@pytest.mark.parametrize("url", ["http://ann:{}@127.0.0.1:1", "https://{}@db.example/x"])
def test_a_password_in_a_url_gets_no_further(url: str):
    """It is not used; the target's name is in reports, journals and on the console."""
    assert SECRET not in target_name(url.format(SECRET))
    assert "@" not in target_name(None, {"AWS_ENDPOINT_URL": url.format(SECRET)})
    assert target_name("http://127.0.0.1:1/a@b") == "http://127.0.0.1:1/a@b"


def test_what_python_shows_of_our_objects_has_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A traceback, a debugger and an f-string in a log show objects as `repr` does."""
    credentials = Credentials("PANN1", SECRET, SECRET)
    path = tmp_path / "credentials.toml"
    add_credential(path, Credential("ann", "PANN1", SECRET))
    signer = Signer("us-east-1", "localhost")
    signer.headers(credentials, "x", b"")
    monkeypatch.setenv("HTTP_PROXY", f"http://ann:{SECRET}@proxy.example:1")
    route = route_to(Endpoint.of("http://db.example"))
    assert route.proxy is not None
    assert route.proxy.authorization is not None
    access = ServerAccess(path)
    found = access.credentials.find("PANN1")
    shown = [
        credentials, found, access, access.credentials, signer, signer._form, route, route.proxy,
        AdminClient("http://127.0.0.1:1", credentials=credentials),
        HttpTarget("http://127.0.0.1:1", "us-east-1", lambda: credentials),
    ]  # fmt: skip
    for each in shown:
        text = f"{each!r} {each!s}"
        assert SECRET not in text
        assert route.proxy.authorization not in text
        assert (
            "Signature=" + signer.headers(credentials, "x", b"")["authorization"][-64:] not in text
        )

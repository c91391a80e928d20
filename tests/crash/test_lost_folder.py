"""A folder that may not be written, is another's, is held, or goes away while it is served.

Who is root may write everything, so those tests work as another user, in a process that gave its
rights away; who is not root can't have files of another, and takes its own rights from the folder.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from pannier.engine.database import Database
from tests.conftest import run_pannier, serving
from tests.crash.server_killing import Connection
from tests.engine.reference import Json, call

_NOBODY = 65534
TABLE: Json = {
    "TableName": "tab",
    "AttributeDefinitions": [{"AttributeName": "p", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}],
    "BillingMode": "PAY_PER_REQUEST",
}
PUT: Json = {"TableName": "tab", "Item": {"p": {"S": "a"}}}
# As a user without rights; everything is imported before, since the source may not be readable.
_OPENING = """
import os, pickle, sys
from pathlib import Path
from pannier.engine.database import Database
from pannier.errors import StorageError
if os.getuid() == 0:
    os.setgroups([])
    os.setgid({nobody})
    os.setuid({nobody})
try:
    Database.open(Path(sys.argv[1])).close()
    print("opened")
except StorageError as error:
    print(error.message)
    print(error.advice)
"""


def opened_by_another(path: Path) -> list[str]:
    """What somebody without rights is told: `opened`, or message and advice."""
    program = _OPENING.format(nobody=_NOBODY)
    command = [sys.executable, "-c", program, str(path)]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=True
    ).stdout.splitlines()


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A database that everybody may look into, in a place that everybody may reach."""
    path = tmp_path / "db"
    with Database.open(path) as database:
        call(database, "CreateTable", **TABLE)
    for each in (path, *path.parents):
        if each.is_relative_to(tmp_path.parents[2]) and each.stat().st_uid == os.getuid():
            each.chmod(0o755)
    return path


def test_a_folder_without_rights(made: Path) -> None:
    """Read-only, or of another user: the reason, and what to do; nothing is touched."""
    made.chmod(0o555)
    (made / "lock").chmod(0o444)
    before = {each: each.stat().st_mtime_ns for each in made.rglob("*")}
    message, advice = opened_by_another(made)
    assert message == f"the database folder {made} can't be used: Permission denied"
    assert "--target local:PATH" in advice
    assert {each: each.stat().st_mtime_ns for each in made.rglob("*")} == before
    made.chmod(0o755)
    Database.open(made).close()


def test_data_without_rights(made: Path) -> None:
    """The folder can be held, the data in it not be read: the same, and the folder is let go."""
    made.chmod(0o777)
    (made / "lock").chmod(0o666)
    for each in (made / "data").iterdir():
        each.chmod(0)
    (made / "data").chmod(0o555)
    message, advice = opened_by_another(made)
    assert message.startswith(f"the database in {made / 'data'} can't be opened: ")
    assert "Permission denied" in message
    assert advice


def test_a_second_server_is_refused(tmp_path: Path) -> None:
    """It says who has the folder and where it is served; a command talks to that server."""
    path = tmp_path / "db"
    with serving("--path", str(path), "--no-console") as (url, process_id):
        (path / "lock").unlink()  # nobody should; it opens no door
        second = run_pannier("serve", "--port", "0", "--path", str(path), cwd=tmp_path)
        assert second.returncode == 1
        assert f"is held by process {process_id}" in second.stderr
        assert f"It is served at {url}" in second.stderr
        tables = run_pannier("tables", "--target", f"local:{path}", cwd=tmp_path)
        assert tables.returncode == 0, tables.stderr
        assert f"served at {url}" in tables.stderr


def _removed(path: Path) -> None:
    shutil.rmtree(path)


def _moved(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))


def _replaced(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    with Database.open(path) as database:
        call(database, "CreateTable", **TABLE)


@pytest.mark.parametrize("lose", [_removed, _moved, _replaced])
def test_a_folder_that_goes_away(tmp_path: Path, lose: Callable[[Path], None]) -> None:
    """Writes into files that nobody will find again are not called written; reads go on."""
    path = tmp_path / "db"
    with (
        serving("--path", str(path), "--no-console") as (url, _),
        closing(Connection(url)) as connection,
    ):
        assert connection.send("CreateTable", TABLE)[0] == 200
        assert connection.send("PutItem", PUT)[0] == 200
        lose(path)
        for _ in range(2):
            status, answer = connection.send("PutItem", PUT)
            assert status == 500
            words = f"the folder {path / 'data'} was removed or replaced\nPut it back, "
            assert answer["message"].startswith(words)
        key = {"TableName": "tab", "Key": PUT["Item"]}
        assert connection.send("GetItem", key) == (200, {"Item": PUT["Item"]})
    assert (path.exists(), (path / "owner.json").exists()) == (lose is _replaced, False)

"""`pannier credentials`, and Pannier's own commands in front of a server that asks for them."""

import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pannier.errors import UserError
from pannier.service.access.credentials import Credential
from pannier.service.access.credentials_change import (
    add_credential,
    new_credential,
    remove_credential,
)
from pannier.service.access.credentials_file import read_credentials
from pannier.workshop.calls import calls_at
from tests.cli.running import good, refused, run
from tests.conftest import run_pannier, serving

FILE = "pannier-credentials.toml"


def exported(out: str) -> dict[str, str]:
    """The variables that printed lines set."""
    pairs = [line.removeprefix("export ").split("=") for line in out.splitlines()]
    return dict(pairs)


def test_a_credential_is_made_shown_once_and_removed(tmp_path: Path) -> None:
    made = good(tmp_path, "credentials", "new", "loader")
    keys = exported(made.out)
    assert list(keys) == ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]
    assert len(keys["AWS_ACCESS_KEY_ID"]) == 20
    assert keys["AWS_ACCESS_KEY_ID"].startswith("PANN")
    assert len(keys["AWS_SECRET_ACCESS_KEY"]) == 40
    assert keys["AWS_SECRET_ACCESS_KEY"] not in made.err
    good(tmp_path, "credentials", "new", "r", "--read-only", "--table-prefix", "demo-")
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    loader, reader = read_credentials(tmp_path / FILE)
    assert loader == Credential("loader", keys["AWS_ACCESS_KEY_ID"], keys["AWS_SECRET_ACCESS_KEY"])
    assert (reader.read_only, reader.table_prefixes) == (True, ("demo-",))
    listed = good(tmp_path, "credentials", "list")
    assert [line.split()[0] for line in listed.out.splitlines()] == ["loader", "r"]
    assert "reads in tables demo-*" in listed.out
    as_json = good(tmp_path, "credentials", "list", "--output", "json")
    for shown in (listed, as_json):
        for each in (loader, reader):
            assert each.access_key_id in shown.out
            assert each.secret_access_key not in shown.out + shown.err
    good(tmp_path, "credentials", "remove", "loader")
    assert read_credentials(tmp_path / FILE) == (reader,)


def test_what_can_not_be_done_is_said(tmp_path: Path) -> None:
    good(tmp_path, "credentials", "new", "a")
    assert "has a credential a already" in refused(tmp_path, "credentials", "new", "a")
    assert "no credential b" in refused(tmp_path, "credentials", "remove", "b")
    missing = ("--file", "elsewhere/keys.toml")
    assert "can't be written" in refused(tmp_path, "credentials", "new", "a", *missing)
    assert run(tmp_path, "credentials", "new", "a b").status == 2
    assert run(tmp_path, "credentials", "new", "c", "--table-prefix", "demo*").status == 2
    assert "no file of credentials" in refused(tmp_path, "serve", "--credentials", "x.toml")
    (tmp_path / "empty.toml").touch(0o600)
    assert "has no credential" in refused(tmp_path, "serve", "--credentials", "empty.toml")
    (tmp_path / FILE).chmod(0o644)
    assert "chmod 600" in refused(tmp_path, "serve", "--credentials", FILE)
    assert "chmod 600" in refused(tmp_path, "credentials", "new", "d")


def test_what_else_is_in_the_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "keys.toml"
    path.touch(0o600)
    path.write_text(
        "# ours\n"
        '[[credential]]  # the first\nname = "a"\naccess_key_id = "PANNAAAA"\n'
        'secret_access_key = "x"\n\n# about b\n'
        '[[credential]]\nname = "b"\naccess_key_id = "PANNBBBB"\nsecret_access_key = "y"'
    )
    add_credential(path, Credential("c", "PANNCCCC", "z"))
    assert [each.name for each in read_credentials(path)] == ["a", "b", "c"]
    assert remove_credential(path, "a").access_key_id == "PANNAAAA"
    assert path.read_text().startswith("# ours\n# about b\n[[credential]]\nname")
    remove_credential(path, "c")
    remove_credential(path, "b")
    assert read_credentials(path) == ()


def test_a_file_that_a_command_can_not_cut_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys.toml"
    path.touch(0o600)
    text = 'credential = [{name="a", access_key_id="PANNAAAA", secret_access_key="x"}]\n'
    path.write_text(text)
    for change in (
        lambda: remove_credential(path, "a"),
        lambda: add_credential(path, new_credential("b")),
    ):
        with pytest.raises(UserError, match="with an editor"):
            change()
    assert path.read_text() == text
    assert [each.name for each in tmp_path.iterdir()] == ["keys.toml"]


def test_a_link_to_the_file_stays_one(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    add_credential(tmp_path / "there" / "keys.toml", new_credential("a"))
    link = tmp_path / "keys.toml"
    link.symlink_to("there/keys.toml")
    add_credential(link, new_credential("b"))
    assert link.is_symlink()
    assert len(read_credentials(tmp_path / "there" / "keys.toml")) == 2


def test_a_disk_that_is_full_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "keys.toml"
    add_credential(path, new_credential("a"))
    before = path.read_text()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pannier.service.access.credentials_change.os.fsync", full)
    with pytest.raises(UserError, match="No space left"):
        add_credential(path, new_credential("b"))
    assert path.read_text() == before
    assert [each.name for each in tmp_path.iterdir()] == ["keys.toml"]


# Pannier's own commands


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A folder whose database a server with credentials holds, and the server's URL."""
    folder = tmp_path_factory.mktemp("owned")
    for arguments in (("boss",), ("reader", "--read-only"), ("demo", "--table-prefix", "demo-")):
        good(folder, "credentials", "new", *arguments)
    (folder / "items.jsonl").write_text('{"PK": "1", "name": "one"}\n{"PK": "2"}\n')
    (folder / "keys.jsonl").write_text('{"PK": "1"}\n')
    (folder / "faults.toml").write_text('[[rules]]\nname = "half"\nleave = 0.5\n')
    options = ("--path", str(folder / ".pannier"), "--no-console")
    with serving(*options, "--credentials", str(folder / FILE)) as (url, _):
        yield folder, url


@pytest.fixture
def become(folder: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Puts a credential of the file into the environment."""

    def use(name: str) -> None:
        (credential,) = [e for e in read_credentials(folder[0] / FILE) if e.name == name]
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", credential.access_key_id)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", credential.secret_access_key)

    return use


@pytest.mark.parametrize("by_url", [False, True], ids=["local", "url"])
def test_own_commands_sign_with_the_environments_credentials(
    folder: tuple[Path, str], become: Callable[[str], None], by_url: bool
) -> None:
    place, url = folder
    target = ("--target", url) if by_url else ()
    table = f"demo-{by_url}"
    become("boss")
    good(place, "create-table", table, "--key", "PK:S", *target)
    assert table in good(place, "tables", *target).out
    good(place, "write", "items.jsonl", "--table", table, "--report", "none", *target)
    read = good(place, "get", "keys.jsonl", "--table", table, "--report", "none", *target)
    assert '"one"' in read.out
    assert "2" in good(place, "count", table, *target).out
    good(place, "monitor", "--once", *target)
    good(place, "throttle", "on", *target)
    assert "on" in good(place, "throttle", *target).out
    good(place, "throttle", "off", *target)
    good(place, "faults", "set", "faults.toml", *target)
    good(place, "faults", "clear", "half", *target)
    assert "machine" in good(place, "clock", *target).out


def test_the_workshop_looks_at_metrics_with_the_environments_credentials(
    folder: tuple[Path, str], become: Callable[[str], None]
) -> None:
    _, url = folder
    for name, sees in (("reader", True), ("demo", False)):
        become(name)
        calls = calls_at(url, is_aws=False)
        assert calls is not None
        assert (calls.refused() is not None) == sees


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("tables",), "UnrecognizedClientException"),
        (("write", "items.jsonl", "--table", "demo-x"), "UnrecognizedClientException"),
        (("get", "keys.jsonl", "--table", "demo-x"), "UnrecognizedClientException"),
        (("count", "demo-x"), "UnrecognizedClientException"),
        (("throttle",), "security token"),
        (("monitor", "--once"), "refuses: "),
    ],
)
def test_who_is_not_known_is_told_what_to_set(
    folder: tuple[Path, str], arguments: tuple[str, ...], said: str
) -> None:
    told = refused(folder[0], *arguments)  # with the environment of all tests: local, local
    assert said in told
    assert "AWS_ACCESS_KEY_ID" in told
    assert "AWS_SECRET_ACCESS_KEY" in told


def test_a_wrong_secret_and_missing_rights_are_told_too(
    folder: tuple[Path, str], become: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    place, _ = folder
    become("reader")
    for arguments in (
        ("create-table", "demo-new", "--key", "PK:S"),
        ("delete-table", "demo-False", "--yes"),
        ("throttle", "on"),
    ):
        told = refused(place, *arguments)
        assert "user/reader is not authorized to perform: " in told
        assert "AWS_ACCESS_KEY_ID" in told
    become("demo")
    assert "user/demo is not authorized" in refused(place, "count", "secret")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    told = refused(place, "tables")
    assert "InvalidSignatureException" in told
    assert "AWS_SECRET_ACCESS_KEY belongs to AWS_ACCESS_KEY_ID" in told


def test_without_keys_in_the_environment_the_server_says_what_is_missing(
    folder: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    for command in ("tables", "throttle"):
        ended = run_pannier(command, cwd=folder[0])
        assert ended.returncode == 1
        assert "AWS_ACCESS_KEY_ID" in ended.stderr
        assert "Traceback" not in ended.stderr

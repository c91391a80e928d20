"""The file of credentials: what is read, and that whatever is not understood is refused."""

import os
from pathlib import Path

import pytest

from pannier.errors import UserError
from pannier.service.access.credentials import Credential, CredentialStore
from pannier.service.access.credentials_file import parse_credentials, read_credentials

SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
GOOD = f"""
# whoever loads
[[credential]]
name = "loader"
access_key_id = "PANNAAAAAAAAAAAAAAAA"
secret_access_key = "{SECRET}"

[[credential]]
name = "reports@home"
access_key_id = "PANNBBBBBBBBBBBBBBBB"
secret_access_key = "another-secret"
read_only = true
table_prefixes = ["demo-", "shop."]
"""


def _file(folder: Path, text: str = GOOD, mode: int = 0o600) -> Path:
    path = folder / "keys.toml"
    path.write_text(text)
    path.chmod(mode)
    return path


def _one(**members: str) -> str:
    usual = {
        "name": '"a"',
        "access_key_id": '"PANNAAAA"',
        "secret_access_key": f'"{SECRET}"',
    }
    return "[[credential]]\n" + "".join(
        f"{name} = {value}\n" for name, value in (usual | members).items() if value
    )


def test_the_members_of_credentials_are_read_in_the_files_order(tmp_path: Path) -> None:
    loader, reports = read_credentials(_file(tmp_path))
    assert loader == Credential("loader", "PANNAAAAAAAAAAAAAAAA", SECRET)
    assert loader.has_all_rights
    assert reports.read_only
    assert reports.table_prefixes == ("demo-", "shop.")
    assert not reports.has_all_rights


def test_a_file_without_credentials_has_none(tmp_path: Path) -> None:
    assert read_credentials(_file(tmp_path, "# nobody yet\n")) == ()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o777])
def test_a_file_that_others_can_read_or_write_is_refused(tmp_path: Path, mode: int) -> None:
    path = _file(tmp_path, mode=mode)
    with pytest.raises(UserError, match=f"{mode:04o}.*\n.*chmod 600 {path}"):
        read_credentials(path)


def test_a_missing_file_is_said_with_how_to_make_one(tmp_path: Path) -> None:
    path = tmp_path / "nowhere.toml"
    with pytest.raises(UserError, match=f"pannier credentials new NAME --file {path}"):
        read_credentials(path)


def test_what_is_no_file_is_refused_and_holds_nothing_up(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe, 0o600)
    for path in (tmp_path, pipe):
        with pytest.raises(UserError, match=r"can't be read: (it is no file|Is a directory)"):
            read_credentials(path)


def test_a_file_that_is_too_large_or_no_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="too large"):
        read_credentials(_file(tmp_path, "#" * (1 << 20) + "\n"))
    path = _file(tmp_path)
    path.write_bytes(b'name = "\xff"')
    with pytest.raises(UserError, match="no text in UTF-8"):
        read_credentials(path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[credential", "is no TOML"),
        ("x = " + "[" * 100_000, "is no TOML"),
        ('user = "a"', "'user', which is not understood"),
        ('[credential]\nname = "a"', "two brackets"),
        ("credential = [1]", "two brackets"),
        (_one(name=""), "name is missing"),
        (_one(name='"a b"'), "'a b' is no name"),
        (_one(name='""'), "'' is no name"),
        (_one(access_key_id=""), "access_key_id is missing"),
        (_one(access_key_id='"PANN/A"'), "'PANN/A' is no access key id"),
        (_one(access_key_id="12345"), "access_key_id is missing, or no text"),
        (_one(secret_access_key=""), "secret_access_key is missing"),
        (_one(secret_access_key='""'), "the secret is empty"),
        (_one(secret_access_key='"a b"'), "characters that no secret has"),
        (_one(read_only='"true"'), "neither true nor false"),
        (_one(read_only="1"), "neither true nor false"),
        (_one(readonly="true"), "there is no 'readonly' in a credential"),
        (_one(table_prefixes="[]"), "table_prefixes is no list"),
        (_one(table_prefixes='"demo-"'), "table_prefixes is no list"),
        (_one(table_prefixes='[""]'), "can begin with ''"),
        (_one(table_prefixes="[1]"), "can begin with ''"),
        (_one(table_prefixes='["demo*"]'), r"can begin with 'demo\*'"),
        (_one() + _one(name='"b"'), "two credentials with the access_key_id PANNAAAA"),
        (_one() + _one(access_key_id='"PANNBBBB"'), "two credentials with the name a"),
    ],
)
def test_what_is_not_understood_is_refused(text: str, said: str) -> None:
    with pytest.raises(UserError, match=said) as raised:
        parse_credentials(text, "keys.toml")
    assert raised.value.message.startswith("keys.toml")
    assert raised.value.advice
    assert SECRET not in str(raised.value)


def test_a_secret_is_never_shown() -> None:
    credential = Credential("a", "PANNAAAA", SECRET)
    assert SECRET not in f"{credential!r} {credential}"
    assert SECRET not in repr(CredentialStore([credential]))


def test_both_keys_have_to_match() -> None:
    loader = Credential("loader", "PANNAAAA", SECRET)
    store = CredentialStore([loader, Credential("other", "PANNBBBB", "another")])
    assert store.matches("PANNAAAA", SECRET) is loader
    assert store.find("PANNAAAA") is loader
    for access_key_id, secret in [
        ("PANNAAAA", "another"),
        ("PANNBBBB", SECRET),
        ("PANNCCCC", SECRET),
        ("PANNAAAA", ""),
        ("PANNAAAA", SECRET[:-1]),
        ("PANNAAAA", SECRET + "x"),
        ("PANNAAAA", "\ud800ü"),
        ("pannaaaa", SECRET),
        ("", ""),
    ]:
        assert store.matches(access_key_id, secret) is None
    assert store.find("PANNCCCC") is None


def test_what_was_replaced_is_gone_and_what_was_added_stays() -> None:
    store = CredentialStore([Credential("old", "PANNOLD1", "old")])
    own = Credential("console", "PANNCONSOLE", "ephemeral")
    store.add(own)
    store.replace([Credential("new", "PANNNEW1", "new")])
    assert store.find("PANNOLD1") is None
    assert store.find("PANNNEW1") is not None
    assert store.find("PANNCONSOLE") is own
    assert len(store) == 2
    with pytest.raises(ValueError, match="known already"):
        store.add(own)


def test_rights_go_by_how_names_of_tables_begin() -> None:
    limited = Credential("a", "PANNAAAA", SECRET, table_prefixes=("demo-", "shop"))
    assert limited.may_name("demo-x")
    assert limited.may_name("shop")
    assert not limited.may_name("Demo-x")
    assert not limited.may_name("x-demo-")
    assert not limited.may_name("")
    assert Credential("b", "PANNBBBB", SECRET).may_name("anything")

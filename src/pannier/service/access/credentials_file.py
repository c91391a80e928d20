"""The file of a server's credentials: TOML, for its owner's eyes only.

    [[credential]]
    name = "reports"
    access_key_id = "PANN5XQ2M7R4T9A1B8CD"
    secret_access_key = "..."
    read_only = true               # may be left out: false
    table_prefixes = ["demo-"]     # may be left out: all tables

Whatever is not understood is refused. A misspelt `read_only` must not give all rights.
"""

import os
import re
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pannier.errors import UserError
from pannier.limits import MIB
from pannier.service.access.credentials import Credential

DEFAULT_FILE: Final = "pannier-credentials.toml"
_BYTES_MAX: Final = MIB
_OTHERS: Final = 0o077
_TABLE: Final = "credential"
_MEMBERS: Final = (
    "name", "access_key_id", "secret_access_key", "read_only", "table_prefixes",
)  # fmt: skip
# As names of users and access key ids are on AWS; short ids are let be, as in `local`.
_NAME: Final = re.compile(r"[A-Za-z0-9+=,.@_-]{1,64}")
_KEY_ID: Final = re.compile(r"[A-Za-z0-9_]{4,128}")
_SECRET: Final = re.compile(r"[!-~]{1,128}")
_PREFIX: Final = re.compile(r"[A-Za-z0-9_.-]{1,255}")
_LOOK: Final = "See: pannier credentials --help"


def read_credentials(path: Path) -> tuple[Credential, ...]:
    """The credentials in a file, in its order; none where it has none.

    Raises:
        UserError: it can't be read, others can read it, or it says what is not understood.
    """
    return parse_credentials(read_private(path), str(path))


def read_private(path: Path) -> str:
    """The text of a file that nobody but its owner may read or write.

    Raises:
        UserError: it can't be read, is no file of text, or others may read or write it.
    """
    try:
        with open(path, "rb", opener=_open) as file:
            _check_private(path, os.fstat(file.fileno()).st_mode)
            content = file.read(_BYTES_MAX + 1)
    except FileNotFoundError:
        raise UserError(
            f"there is no file of credentials {path}",
            f"Make one: pannier credentials new NAME --file {path}",
        ) from None
    except OSError as error:
        raise _unreadable(path, str(error.strerror)) from None
    if len(content) > _BYTES_MAX:
        raise UserError(f"{path} is too large for a file of credentials", "It may have 1 MB.")
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise UserError(f"{path} is no text in UTF-8", "Save it as UTF-8.") from None


def parse_credentials(text: str, origin: str) -> tuple[Credential, ...]:
    """The credentials in the text of a file.

    Args:
        text: TOML.
        origin: the file's name, for errors.

    Raises:
        UserError: something in it is not understood. No error quotes a secret.
    """
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"{origin} is no TOML: {error}", _LOOK) from None
    except RecursionError:
        raise UserError(f"{origin} is no TOML: it is nested too deeply", _LOOK) from None
    tables = content.pop(_TABLE, [])
    if content:
        raise UserError(
            f"{origin} has {_listed(content)}, which is not understood",
            f"It may have [[{_TABLE}]] tables only.",
        )
    if not isinstance(tables, list) or not all(isinstance(each, dict) for each in tables):
        raise UserError(
            f"{origin}: {_TABLE} is no list of tables", f"Write [[{_TABLE}]], with two brackets."
        )
    credentials = tuple(
        _credential(each, f"{origin}, credential {number}")
        for number, each in enumerate(tables, start=1)
    )
    _refuse_duplicates(credentials, origin)
    return credentials


def check_name(name: str, origin: str = "") -> str:
    """A credential's name, as it is.

    Raises:
        UserError: no name can be like this.
    """
    if _NAME.fullmatch(name) is None:
        raise UserError(
            f"{origin}{name!r} is no name of a credential",
            "Take 1 to 64 letters, digits, or any of + = , . @ _ -",
        )
    return name


def check_prefix(prefix: str, origin: str = "") -> str:
    """The beginning of tables' names, as it is.

    Raises:
        UserError: no table's name begins like this.
    """
    if _PREFIX.fullmatch(prefix) is None:
        raise UserError(
            f"{origin}no table's name can begin with {prefix!r}",
            "Names of tables have letters, digits, and any of _ . -",
        )
    return prefix


def _open(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)  # a pipe in its place must not hold anything up


def _check_private(path: Path, mode: int) -> None:
    if not stat.S_ISREG(mode):
        raise _unreadable(path, "it is no file")
    if mode & _OTHERS:
        raise UserError(
            f"{path} can be read or written by others (its mode is {stat.S_IMODE(mode):04o})",
            f"Take that away, as ssh wants it, too: chmod 600 {path}",
        )


def _credential(table: Mapping[str, Any], origin: str) -> Credential:
    unknown = table.keys() - set(_MEMBERS)
    if unknown:
        raise UserError(
            f"{origin}: there is no {_listed(unknown)} in a credential",
            f"Those that there are: {', '.join(_MEMBERS)}.",
        )
    name = check_name(_text(table, "name", origin), f"{origin}: ")
    origin = f"{origin} ({name})"
    access_key_id = _text(table, "access_key_id", origin)
    if _KEY_ID.fullmatch(access_key_id) is None:
        raise UserError(
            f"{origin}: {access_key_id!r} is no access key id", "Take 4 to 128 letters and digits."
        )
    secret = _text(table, "secret_access_key", origin)
    if _SECRET.fullmatch(secret) is None:
        raise UserError(
            f"{origin}: the secret is empty, too long, or has characters that no secret has",
            "Have one made: pannier credentials new NAME",
        )
    read_only = table.get("read_only", False)
    if not isinstance(read_only, bool):
        raise UserError(
            f"{origin}: read_only is neither true nor false", "Write it without quotes."
        )
    return Credential(name, access_key_id, secret, read_only, _prefixes(table, origin))


def _prefixes(table: Mapping[str, Any], origin: str) -> tuple[str, ...]:
    if "table_prefixes" not in table:
        return ()
    prefixes = table["table_prefixes"]
    # An empty list could be meant to allow nothing, so it must not allow everything.
    if not isinstance(prefixes, list) or not prefixes:
        raise UserError(
            f"{origin}: table_prefixes is no list of beginnings of names",
            'Write table_prefixes = ["demo-"], or leave it out to allow all tables.',
        )
    return tuple(
        check_prefix(each if isinstance(each, str) else "", f"{origin}: ") for each in prefixes
    )


def _text(table: Mapping[str, Any], member: str, origin: str) -> str:
    value = table.get(member)
    if not isinstance(value, str):
        raise UserError(
            f"{origin}: {member} is missing, or no text", f'Write {member} = "...", in quotes.'
        )
    return value


def _refuse_duplicates(credentials: tuple[Credential, ...], origin: str) -> None:
    for member in ("name", "access_key_id"):
        seen = set()
        for each in credentials:
            value = getattr(each, member)
            if value in seen:
                raise UserError(
                    f"{origin} has two credentials with the {member} {value}", "Remove one of them."
                )
            seen.add(value)


def _listed(names: Any) -> str:
    return ", ".join(repr(each) for each in sorted(names))


def _unreadable(path: Path, why: str) -> UserError:
    return UserError(f"the credentials in {path} can't be read: {why}", "Name another file.")

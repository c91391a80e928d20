"""Changes of the file of credentials: one is added, one is removed, everything else stays.

The text around a change, comments included, is kept as it is. The new file takes the old one's
place at once or not at all, for its owner's eyes only from its first byte on; two changes at the
same time come one after the other.
"""

import contextlib
import fcntl
import os
import re
import secrets
import string
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from pannier.errors import UserError
from pannier.service.access.credentials import Credential
from pannier.service.access.credentials_file import parse_credentials, read_private

KEY_ID_PREFIX: Final = "PANN"  # in AWS's form, but nobody takes it for one of AWS's
_KEY_ID_RANDOM: Final = 16
_KEY_ID_ALPHABET: Final = string.ascii_uppercase + string.digits
_SECRET_LENGTH: Final = 40
_SECRET_ALPHABET: Final = string.ascii_letters + string.digits
_OWNER_ONLY: Final = 0o600
_HEADER: Final = re.compile(r"[ \t]*\[\[[ \t]*credential[ \t]*\]\]")
_BEGINNING: Final = "# Credentials of Pannier servers. Whoever reads this file can use them.\n"


def new_credential(
    name: str, *, read_only: bool = False, table_prefixes: Sequence[str] = ()
) -> Credential:
    """A credential with keys that nobody can guess."""
    random = "".join(secrets.choice(_KEY_ID_ALPHABET) for _ in range(_KEY_ID_RANDOM))
    secret = "".join(secrets.choice(_SECRET_ALPHABET) for _ in range(_SECRET_LENGTH))
    return Credential(name, KEY_ID_PREFIX + random, secret, read_only, tuple(table_prefixes))


def add_credential(path: Path, credential: Credential) -> None:
    """Add a credential to a file, which is made if there is none.

    Raises:
        UserError: the file can't be used or written, or has one of this name.
    """
    with _locked(path):
        text = read_private(path) if path.exists() else _BEGINNING
        known = parse_credentials(text, str(path))
        if any(each.name == credential.name for each in known):
            raise UserError(
                f"{path} has a credential {credential.name} already",
                f"Take another name, or first: pannier credentials remove {credential.name} "
                f"--file {path}",
            )
        gap = "" if text.endswith("\n") else "\n"
        _write(path, f"{text}{gap}\n{_toml(credential)}", (*known, credential))


def remove_credential(path: Path, name: str) -> Credential:
    """Remove a credential from a file, and return it.

    Raises:
        UserError: the file can't be used or written, has none of this name, or is written in a way
            in which one can't be cut out.
    """
    with _locked(path):
        text = read_private(path)
        known = parse_credentials(text, str(path))
        position = next((n for n, each in enumerate(known) if each.name == name), None)
        if position is None:
            names = ", ".join(each.name for each in known) or "none"
            raise UserError(f"{path} has no credential {name}", f"Those that it has: {names}.")
        rest = (*known[:position], *known[position + 1 :])
        _write(path, _without(text, position), rest)
    return known[position]


def _without(text: str, position: int) -> str:
    """A text without its table of a number; comments in front of the next table are the next's."""
    lines = text.splitlines(keepends=True)
    headers = [number for number, line in enumerate(lines) if _HEADER.match(line)]
    begin = headers[position] if position < len(headers) else len(lines)
    end = headers[position + 1] if position + 1 < len(headers) else len(lines)
    while end < len(lines) and end > begin + 1 and lines[end - 1].lstrip().startswith("#"):
        end -= 1
    return "".join(lines[:begin] + lines[end:])


def _toml(credential: Credential) -> str:
    # No value here needs escaping: the keys are letters and digits, names and prefixes are checked.
    lines = [
        "[[credential]]",
        f'name = "{credential.name}"',
        f'access_key_id = "{credential.access_key_id}"',
        f'secret_access_key = "{credential.secret_access_key}"',
    ]
    if credential.read_only:
        lines.append("read_only = true")
    if credential.table_prefixes:
        quoted = ", ".join(f'"{each}"' for each in credential.table_prefixes)
        lines.append(f"table_prefixes = [{quoted}]")
    return "".join(f"{line}\n" for line in lines)


def _write(path: Path, text: str, meant: tuple[Credential, ...]) -> None:
    """Put a text in the place of a file, once it is sure that it says what is meant."""
    try:
        is_meant = parse_credentials(text, str(path)) == meant
    except UserError:
        is_meant = False
    if not is_meant:
        raise UserError(
            f"{path} is written in a way in which it can't be changed by a command",
            "Change it with an editor.",
        )
    final = Path(os.path.realpath(path))  # where a link leads, so that the link stays
    unfinished = final.with_name(f".{final.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
        try:
            with os.fdopen(descriptor, "w") as file:
                file.write(text)
                file.flush()
                os.fsync(descriptor)
            unfinished.replace(final)
        except BaseException:
            with contextlib.suppress(OSError):
                unfinished.unlink()
            raise
    except OSError as error:
        raise _unwritable(path, error) from None


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the file's folder, so that nobody else changes the file meanwhile."""
    try:
        folder = os.open(Path(os.path.realpath(path)).parent, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise _unwritable(path, error) from None
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
        os.fsync(folder)
    finally:
        os.close(folder)


def _unwritable(path: Path, error: OSError) -> UserError:
    return UserError(
        f"the credentials in {path} can't be written: {error.strerror}",
        "Name another file with --file.",
    )

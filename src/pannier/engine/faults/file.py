"""The file of `--faults`: TOML or JSON."""

import tomllib
from pathlib import Path
from typing import Any, Final

import orjson

from pannier.engine.faults.reading import Plan, read_plan
from pannier.errors import UserError
from pannier.limits import MIB

_BYTES_MAX: Final = MIB


def read_file(path: Path) -> Plan:
    """Read rules from a file, TOML by its name, or JSON.

    Raises:
        UserError: it can't be read, or a rule of it is wrong; the text says which and why.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_BYTES_MAX + 1)
    except OSError as error:
        raise UserError(
            f"the fault rules in {path} can't be read: {error.strerror}", "Name another file."
        ) from None
    if len(content) > _BYTES_MAX:
        raise UserError(f"{path} is too large for fault rules", "They may have 1 MB.")
    return read_plan(_decoded(path, content), path.name)


def _decoded(path: Path, content: bytes) -> Any:
    in_toml = path.suffix == ".toml" or (
        path.suffix != ".json" and content.lstrip()[:1] not in (b"{", b"")
    )
    try:
        if in_toml:
            return tomllib.loads(content.decode())
        return orjson.loads(content)
    except UnicodeDecodeError:
        raise UserError(f"{path} is no text in UTF-8", "Save it as UTF-8.") from None
    except ValueError as error:
        kind = "TOML" if in_toml else "JSON"
        raise UserError(
            f"{path} is no {kind}: {error}", "TOML is read from .toml, JSON from .json."
        ) from None

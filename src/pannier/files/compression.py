"""Compressed files: gzip and zstd, recognised by their first bytes, whatever they are called.

Both may hold several members or frames one after another, as `cat a.gz b.gz` makes them. A file
that ends before its compression does, or whose checksum is wrong, is `DamagedError`; what was read
before is good.
"""

import gzip
import zlib
from collections.abc import Callable
from importlib import import_module
from typing import IO, Any, Final

from pannier.errors import PannierError, UserError

GZIP: Final = "gzip"
ZSTD: Final = "zstd"
ENDINGS: Final = {".gz": GZIP, ".gzip": GZIP, ".zst": ZSTD, ".zstd": ZSTD}

_MAGIC: Final = {b"\x1f\x8b": GZIP, b"\x28\xb5\x2f\xfd": ZSTD}
# Packed in ways that are not unpacked here, and the command that does.
_FOREIGN: Final = {
    b"BZh": ("bzip2", "bzip2 -dc"),
    b"\xfd7zXZ\0": ("xz", "xz -dc"),
    b"PK\x03\x04": ("zip", "unzip -p"),
}
MAGIC_BYTES_MAX: Final = 6
# How the reason begins where not the file is damaged, but its disk or address does not answer.
UNREADABLE: Final = "it can't be read any further"
_GZIP_LEVEL: Final = 6
_ZSTD_LEVEL: Final = 3


class DamagedError(PannierError):
    """A file that breaks off, or is not what it was when it was written; the text says how."""


def kind_of(head: bytes) -> str:
    """`gzip`, `zstd`, or an empty text, from the first bytes of a file.

    Raises:
        UserError: it is compressed in another way; says how to unpack it.
    """
    for magic, (name, command) in _FOREIGN.items():
        if head.startswith(magic):
            raise UserError(
                f"it is packed with {name}, which is not read here",
                f"Unpack it on the way: {command} FILE | pannier write -",
            )
    return next((kind for magic, kind in _MAGIC.items() if head.startswith(magic)), "")


def may_be_magic(head: bytes) -> bool:
    """Whether more bytes are needed to tell how a file is compressed."""
    return len(head) < MAGIC_BYTES_MAX and any(
        magic.startswith(head) for magic in (*_MAGIC, *_FOREIGN)
    )


def kind_of_name(name: str) -> str:
    """`gzip`, `zstd`, or an empty text, from what a file is called."""
    plain = name.lower()
    return next((kind for ending, kind in ENDINGS.items() if plain.endswith(ending)), "")


def without_ending(name: str) -> str:
    """A name without the ending of its compression."""
    for ending in ENDINGS:
        if name.endswith(ending):
            return name[: -len(ending)]
    return name


def reader(file: IO[bytes], kind: str) -> IO[bytes]:
    """The uncompressed bytes of a compressed file."""
    if kind == GZIP:
        return gzip.GzipFile(fileobj=file, mode="rb")  # type: ignore[return-value]  # it is one
    opened: IO[bytes] = _zstd().ZstdFile(file, "rb")
    return opened


def writer(file: IO[bytes], kind: str) -> IO[bytes]:
    """A file whose bytes arrive in `file` compressed; closing it leaves `file` open."""
    if kind == GZIP:
        # No name and no time inside: the same items give the same bytes.
        return gzip.GzipFile("", "wb", _GZIP_LEVEL, file, mtime=0)  # type: ignore[return-value]
    zstd = _zstd()
    parameter = zstd.CompressionParameter
    # With a checksum, as gzip has one; zstd leaves it out unless it is asked for.
    options = {parameter.compression_level: _ZSTD_LEVEL, parameter.checksum_flag: 1}
    opened: IO[bytes] = zstd.ZstdFile(file, "wb", options=options)
    return opened


def guarded(read: Callable[[int], bytes], size_bytes: int) -> bytes:
    """Read some bytes.

    Raises:
        DamagedError: the file is broken at this place, or its disk or address is.
    """
    try:
        return read(size_bytes)
    except EOFError:
        raise DamagedError(
            "the compressed data breaks off: the end of the file is missing"
        ) from None
    except gzip.BadGzipFile as error:
        raise DamagedError(f"the gzip data is damaged: {_first_lower(error)}") from None
    except zlib.error as error:
        raise DamagedError(f"the gzip data is damaged: {error}") from None
    except PannierError:
        raise
    except Exception as error:  # every file system at an address has errors of its own
        if type(error).__name__ == "ZstdError":  # known only where zstd is there
            raise DamagedError(f"the zstd data is damaged: {_first_lower(error)}") from None
        reason = getattr(error, "strerror", None) or error
        raise DamagedError(f"{UNREADABLE}: {reason}") from None


def _first_lower(error: Exception) -> str:
    text = str(error)
    return text if text[:2].isupper() else text[:1].lower() + text[1:]


def _zstd() -> Any:
    for module in ("compression.zstd", "backports.zstd"):  # the first is in Python since 3.14
        try:
            return import_module(module)
        except ImportError:
            continue
    raise UserError("zstd files need one more library", "Install it: pip install 'pannier[zstd]'")

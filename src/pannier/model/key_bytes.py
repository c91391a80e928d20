"""Bytes that sort as DynamoDB sorts key values, for S, N and B of any legal length.

Texts sort by their UTF-8 bytes, binaries as unsigned bytes, numbers by value. Each code ends
itself, so several can stand in a row: a zero byte inside a text or binary becomes `00 FF`, and
`00 00` closes it, which sorts below any continuation.
"""

from binascii import a2b_base64
from typing import Final

from pannier.model.number import parse

END: Final = b"\0\0"


def raw_bytes(kind: str, content: str) -> bytes:
    """The bytes of a text or binary, as its length limit counts them."""
    return content.encode() if kind == "S" else a2b_base64(content)


def encode(kind: str, content: str) -> bytes:
    """The sortable bytes of one key value.

    Args:
        kind: `S`, `N` or `B`.
        content: the text, the number or the base64, as the API writes it.
    """
    if kind == "S":
        data = content.encode()
    elif kind == "N":
        return parse(content).key_bytes
    else:
        data = a2b_base64(content)
    if b"\0" in data:
        data = data.replace(b"\0", b"\0\xff")
    return data + END


def encode_prefix(kind: str, content: str) -> bytes:
    """The bytes that the code of every value beginning with `content` begins with (S and B)."""
    return encode(kind, content)[: -len(END)]


def successor(prefix: bytes) -> bytes:
    """The smallest bytes above everything that begins with `prefix`.

    Raises:
        ValueError: the prefix is empty or all `FF`, so that nothing lies above.
    """
    stripped = prefix.rstrip(b"\xff")
    if not stripped:
        raise ValueError("no successor")
    return stripped[:-1] + bytes((stripped[-1] + 1,))

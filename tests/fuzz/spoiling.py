"""Bytes made wrong: flipped, cut, doubled, put in from elsewhere."""

import random

_PIECES = (
    b"\r\n", b"\n", b"\r", b"\0", b"\xff", b"\xc3", b" ", b"\t", b":", b"0\r\n\r\n", b"\r\n\r\n",
    b"Content-Length: 0\r\n", b"Content-Length: 99\r\n", b"Transfer-Encoding: chunked\r\n",
    b"Connection: close\r\n", b"Connection: upgrade\r\nUpgrade: h2c\r\n", b"HTTP/1.0", b"HTTP/2.0",
    b"Expect: 100-continue\r\n", b"Host: y\r\n", b"{", b"}", b"[", b"]", b'"', b"\\", b",", b"-1",
    b"1e9", b"9" * 40, b"%00", b"&", b"=", b".", b"<", b"..", b"'", b"(" * 50, b"[" * 50,
    b"\xbf\x9f\x5f\x7f", b"\xfb\x7f\xf8", b"\xda\xff\xff\xff\xff", b"\xbb" + b"\xff" * 8, b"\xf6",
)  # fmt: skip


def spoiled(chance: random.Random, data: bytes, most: int = 3) -> bytes:
    """A copy with one to `most` changes."""
    for _ in range(chance.randint(1, most)):
        size = len(data)
        at = chance.randrange(size + 1)
        roll = chance.random()
        if roll < 0.4:
            data = data[:at] + chance.choice(_PIECES) + data[at:]
        elif roll < 0.6 and at < size:
            data = data[:at] + bytes((data[at] ^ (1 << chance.randrange(8)),)) + data[at + 1 :]
        elif roll < 0.75:
            data = data[:at] + data[at + chance.randint(1, 8) :]
        elif roll < 0.85:
            data = data[:at] + data[max(0, at - 40) : at + 40] + data[at:]
        elif roll < 0.95:
            other = chance.randrange(size + 1)
            data = data[:at] + data[other : other + 30] + data[at + 30 :]
        else:
            data = data[:at]
    return data

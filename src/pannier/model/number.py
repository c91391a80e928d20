"""DynamoDB's numbers: decimals of up to 38 significant digits.

Rules (Developer Guide, "Naming rules and data types", and captured answers):

| rule | here |
|---|---|
| 38 significant digits; more is an error, never rounded | `parse` |
| magnitude 1E-130 ... 9.99E+125, and zero | `parse` |
| leading and trailing zeros trimmed; no exponent in answers; no negative zero | `Number.text` |
| size: one byte per two significant digits, plus one, plus one for a minus sign | `Number.size` |

`key_bytes` orders as the numbers do: a byte for the sign, a byte for the exponent, then the digits
two to a byte. For negative numbers every byte is complemented, so that bigger magnitudes sort
first. The code is self-delimiting, so further key parts may follow it.
"""

import re
from decimal import Decimal
from typing import Final, NamedTuple

from pannier.errors import ValidationException
from pannier.limits import NUMBER_DIGITS_MAX, NUMBER_EXPONENT_MAX, NUMBER_EXPONENT_MIN
from pannier.model import messages

_NUMBER: Final = re.compile(r"([+-]?)(?:([0-9]+)\.?([0-9]*)|\.([0-9]+))(?:[eE]([+-]?[0-9]+))?")
_EXPONENT_TEXT_MAX: Final = 9  # digits; anything longer is out of range whatever the mantissa
_KNOWN_TEXT_MAX: Final = 48  # characters; with the next, bounds what is kept in memory
_KNOWN_MAX: Final = 8192

_NEGATIVE: Final = 0x7F
_ZERO: Final = b"\x80"
_POSITIVE: Final = 0x81
_COMPLEMENT: Final = bytes(255 - byte for byte in range(256))


class Number(NamedTuple):
    """A number taken apart: `sign * 0.d1d2d3... * 10 ** (exponent + 1)`.

    `digits` has neither leading nor trailing zeros and is empty for zero.
    `exponent` is that of the first digit (`4 * 10**2` for 400: exponent 2).
    """

    negative: bool
    digits: str
    exponent: int

    @property
    def text(self) -> str:
        """The canonical text: plain decimal, no exponent, no needless zero."""
        if not self.digits:
            return "0"
        point = self.exponent + 1
        digits = self.digits
        if point <= 0:
            plain = "0." + "0" * -point + digits
        elif point >= len(digits):
            plain = digits + "0" * (point - len(digits))
        else:
            plain = f"{digits[:point]}.{digits[point:]}"
        return "-" + plain if self.negative else plain

    @property
    def size(self) -> int:
        """Bytes that the number counts in an item's size."""
        return (len(self.digits) + 1) // 2 + 1 + self.negative

    @property
    def key_bytes(self) -> bytes:
        """Bytes that sort as the numbers do."""
        if not self.digits:
            return _ZERO
        digits = self.digits if len(self.digits) % 2 == 0 else self.digits + "0"
        # Pairs become 1..100, so that the closing zero sorts below every further pair.
        pairs = bytes(int(digits[i : i + 2]) + 1 for i in range(0, len(digits), 2))
        tail = bytes((self.exponent - NUMBER_EXPONENT_MIN,)) + pairs + b"\0"
        if self.negative:
            return bytes((_NEGATIVE,)) + tail.translate(_COMPLEMENT)
        return bytes((_POSITIVE,)) + tail


def parse(text: str) -> Number:
    """Read a number as DynamoDB does.

    Raises:
        ValidationException: not a number, too many digits, or out of range.
    """
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise ValidationException(messages.number_unreadable(text))
    sign, whole, fraction, bare_fraction, exponent_text = match.groups()
    if whole is None:
        whole, fraction = "", bare_fraction
    mantissa = whole + fraction
    digits = mantissa.lstrip("0")
    if not digits:
        return Number(negative=False, digits="", exponent=0)
    exponent = len(whole) - 1 - (len(mantissa) - len(digits)) + _exponent(exponent_text)
    digits = digits.rstrip("0")
    if exponent > NUMBER_EXPONENT_MAX:
        raise ValidationException(messages.NUMBER_OVERFLOW)
    if exponent < NUMBER_EXPONENT_MIN:
        raise ValidationException(messages.NUMBER_UNDERFLOW)
    if len(digits) > NUMBER_DIGITS_MAX:
        raise ValidationException(messages.NUMBER_DIGITS)
    return Number(sign == "-", digits, exponent)


def _exponent(text: str | None) -> int:
    if text is None:
        return 0
    digits = text.lstrip("+-").lstrip("0")
    if len(digits) > _EXPONENT_TEXT_MAX:
        digits = "9" * _EXPONENT_TEXT_MAX
    return -int(digits or "0") if text.startswith("-") else int(digits or "0")


# Sizes of canonical texts that were met before. Compiled, a dictionary takes half the time that
# `lru_cache` does.
_KNOWN: Final[dict[str, int]] = {}


def measure(text: str) -> tuple[str, int]:
    """The canonical text of a number and its size in bytes.

    Raises:
        ValidationException: not a number, too many digits, or out of range.
    """
    known = _KNOWN.get(text)
    if known is not None:
        return text, known
    number = parse(text)
    canonical, size = number.text, number.size
    if canonical == text and len(text) <= _KNOWN_TEXT_MAX:
        if len(_KNOWN) >= _KNOWN_MAX:
            _KNOWN.clear()
        _KNOWN[text] = size
    return canonical, size


def from_decimal(value: Decimal) -> str:
    """The canonical text of a `Decimal`.

    Raises:
        ValidationException: NaN, infinite, too many digits, or out of range.
    """
    return parse(str(value)).text

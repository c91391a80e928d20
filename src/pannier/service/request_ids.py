"""The ids by which a request can be found again: in its answer, in the server's log, in an error.

52 characters, as on AWS. Unique by a random part for the process and a counter: far cheaper than 52
random letters.
"""

import itertools
import secrets
import string
from typing import Final

REQUEST_ID: Final = b"x-amzn-requestid"
"""The header that carries it."""

_ALPHABET: Final = string.ascii_uppercase + string.digits
_RANDOM_LENGTH: Final = 40
_PREFIX: Final = "".join(secrets.choice(_ALPHABET) for _ in range(_RANDOM_LENGTH)).encode()
_NUMBERS: Final = itertools.count(1)


def new_request_id() -> bytes:
    """An id that no other request has."""
    return b"%s%012d" % (_PREFIX, next(_NUMBERS))
